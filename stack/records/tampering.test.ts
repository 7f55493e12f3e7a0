/** @jest-environment node */
import { dayMs } from '../../src/core/domain/duration';
import { keyIn } from '../../src/core/records/key';
import { readRecords } from '../../src/core/records/readRecords';
import { publicKeyOf } from '../../src/core/records/signature';
import { day, daySpan, recordOf } from '../../src/testing/recordedDay';
import { tampered, type Tampering } from './tampering';

const key = { type: 'sync', service: 'yolo', user: 'someone', country: 'ES', auth: '', outcome: 'succeeded' } as const;
const requests = Array.from({ length: 300 }, (_, index) => ({
  at: index * Math.floor(dayMs / 300),
  key: { ...key, user: `someone ${index % 40}` },
}));
const record = { ...recordOf(requests), logLines: 300 };
const secretKey = new Uint8Array(32).fill(7);
const publicKey = keyIn(publicKeyOf(secretKey));

/** What a reader with the key finds after a tampering: the minute of the valid record, and how many newer ones are refused. */
async function found(tampering: Tampering) {
  const recordedAt = daySpan.end + dayMs / 4;
  const lines = await tampered(tampering, { record, day, recordedAt, secretKey });
  const { days, strangers } = await readRecords(
    lines.map(({ line }) => line),
    { publicKey }
  );
  const [own] = days;
  const minute = own?.valid && (Date.parse(own.valid.header.recordedAt) - recordedAt) / 60_000;
  return { minute, record: own?.valid?.record, refused: own?.refused.length ?? 0, strangers: strangers.length };
}

it.each([
  ['none', 0, 0, 0],
  ['part-missing', undefined, 1, 0],
  ['crash', 0, 1, 0],
  ['data-changed', undefined, 1, 1],
  ['header-changed', undefined, 1, 1],
  ['older-version', 0, 0, 0],
  ['other-selectors', 0, 0, 0],
  ['late-lines', 0, 0, 0],
  ['written-twice', 1, 0, 0],
] as const)('leaves of %s what its name says', async (tampering, minute, refused, strangers) => {
  expect(await found(tampering)).toMatchObject({ refused, strangers });
  expect((await found(tampering)).minute).toBe(minute);
});

it('leaves a forged record that only the key tells from the true one', async () => {
  const { minute, refused, strangers } = await found('forged');
  expect([minute, refused]).toEqual([0, 0]);
  expect(strangers).toBeGreaterThan(1);
});

it('changes what is counted, or by what', async () => {
  expect((await found('older-version')).record?.patterns).not.toBe(record.patterns);
  expect((await found('other-selectors')).record?.settings).not.toEqual(record.settings);
  expect((await found('late-lines')).record).toMatchObject({ logLines: 299 });
});
