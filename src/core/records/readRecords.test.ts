import fc from 'fast-check';

import { day, daySpan, recordOf, timedRequests } from '../../testing/recordedDay';
import { bytesOf, digestOf, packed, toBase64 } from './bytes';
import { type DayRecord } from './dayRecord';
import { documentOf } from './document';
import { keyIn } from './key';
import { maxDataCharacters, type RecordHeader } from './lines';
import { readRecords } from './readRecords';
import { publicKeyOf, signatureOf } from './signature';
import { linesOf } from './writeLines';

const recordedAt = daySpan.end + 3_600_000;
const recording = { recordedAt, product: '0.1.0' };
const secretKey = Uint8Array.from({ length: 32 }, (_, index) => index);
const publicKey = keyIn(publicKeyOf(secretKey)) as Uint8Array;

const small = fc.constantFrom('plain', 'none').chain((mode) => timedRequests.map((all) => recordOf(all, { mode })));

async function validIn(lines: readonly string[], key?: Uint8Array): Promise<DayRecord | undefined> {
  const { days } = await readRecords(lines, { publicKey: key });
  return days.find(({ family }) => family === 'requests')?.valid?.record;
}

async function reasonsIn(lines: readonly string[], key?: Uint8Array): Promise<string[]> {
  const { days, strangers } = await readRecords(lines, { publicKey: key });
  return [...strangers, ...days.flatMap(({ refused }) => refused.map(({ reason }) => reason))];
}

/** A record of many users with long ids, in several parts. */
function large(): DayRecord {
  const requests = Array.from({ length: 9000 }, (_, index) => ({
    at: index * 9000,
    key: {
      type: 'sync' as const,
      service: 'yolo',
      user: `${digestOf(`user ${index}`)}@egi.eu`,
      country: 'ES',
      auth: '',
      outcome: 'succeeded' as const,
    },
  }));
  return recordOf(requests);
}

/** Lines of a document with correct digests and sums of its own, whatever it says. */
async function forged(document: string, bytes = bytesOf(document).length): Promise<string[]> {
  const [line = ''] = await linesOf(recordOf([]), day, recording);
  const { id: _id, part, data: _data, ...header } = JSON.parse(line) as RecordHeader & { part: number; data: string };
  const data = toBase64(await packed(bytesOf(document)));
  const named = { ...header, bytes, digests: [digestOf(data)] };
  return [JSON.stringify({ ...named, id: digestOf(JSON.stringify(Object.values(named))), part, data })];
}

it('reads what it wrote, signed or not, in any order and however often', async () => {
  await fc.assert(
    fc.asyncProperty(small, fc.boolean(), async (record, isSigned) => {
      const lines = await linesOf(record, day, { ...recording, ...(isSigned && { secretKey }) });
      const read = await readRecords([...lines].reverse().concat(lines), isSigned ? { publicKey } : {});
      expect(read.strangers).toEqual([]);
      expect(read.days).toHaveLength(1);
      expect(read.days[0]?.refused).toEqual([]);
      expect(read.days[0]?.valid?.record).toEqual(record);
      expect(documentOf(read.days[0]?.valid?.record as DayRecord)).toBe(documentOf(record));
    }),
    { numRuns: 40 }
  );
});

it('cuts a large document into lines that Loki takes, and needs all of them', async () => {
  const record = large();
  const lines = await linesOf(record, day, recording);
  expect(lines.length).toBeGreaterThan(1);
  expect(lines.every((line) => line.length < 256 * 1024 && line.length <= maxDataCharacters + 20_000)).toBe(true);
  expect(await validIn(lines)).toEqual(record);
  for (const missing of lines.keys()) {
    const others = lines.filter((_, part) => part !== missing);
    expect(await validIn(others)).toBeUndefined();
    expect(await reasonsIn(others)).toEqual([`1 of its ${lines.length} parts are missing`]);
  }
  const other = await linesOf(record, day, { ...recording, recordedAt: recordedAt + 1 });
  const mixed = [lines[0] as string, ...other.slice(1)];
  expect(await validIn(mixed)).toBeUndefined();
  expect(await reasonsIn(mixed)).toHaveLength(2);
});

it('refuses a line of which a character was changed, taken out or put in, and says why', async () => {
  await fc.assert(
    fc.asyncProperty(
      timedRequests,
      fc.nat(),
      fc.constantFrom('change', 'take out', 'put in', 'cut'),
      fc.constantFrom(' ', '0', '1', 'a', '"', '}', '\u0000'),
      fc.boolean(),
      async (requests, place, how, character, isSigned) => {
        const [line = ''] = await linesOf(recordOf(requests), day, { ...recording, ...(isSigned && { secretKey }) });
        const at = place % line.length;
        const [before, rest] = [line.slice(0, at), line.slice(at)];
        const changed = {
          change: before + character + rest.slice(1),
          'take out': before + rest.slice(1),
          'put in': before + character + rest,
          cut: before,
        }[how];
        fc.pre(changed !== line);
        // Without a key nobody looks at a signature: it says nothing about the counts.
        const trust = isSigned ? publicKey : undefined;
        expect(await validIn([changed], trust)).toBeUndefined();
        expect(await reasonsIn([changed], trust)).toHaveLength(1);
      }
    ),
    { numRuns: 150 }
  );
});

it('never fails, whatever the lines are', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.oneof(fc.string(), fc.json()), { maxLength: 5 }), async (lines) => {
      const { days, strangers } = await readRecords(lines);
      expect(days).toEqual([]);
      expect(strangers).toHaveLength(lines.length);
    })
  );
});

it('takes the newest valid record, and names newer ones that are not', async () => {
  const old = await linesOf(recordOf([]), day, recording);
  const record = large();
  const newer = await linesOf(record, day, { ...recording, recordedAt: recordedAt + 1000 });
  expect(await validIn([...newer, ...old])).toEqual(record);
  const { days } = await readRecords([...newer.slice(1), ...old]);
  expect(days[0]?.valid?.record).toEqual(recordOf([]));
  expect(days[0]?.refused).toEqual([
    { recordedAt: new Date(recordedAt + 1000).toISOString(), reason: `1 of its ${newer.length} parts are missing` },
  ]);
});

it('believes only records that are signed with the key, where there is one', async () => {
  const record = recordOf([]);
  const unsigned = await linesOf(record, day, recording);
  expect(await reasonsIn(unsigned, publicKey)).toEqual(['the record is not signed']);
  const otherKey = Uint8Array.from(secretKey, (byte) => byte ^ 1);
  const foreign = await linesOf(record, day, { ...recording, secretKey: otherKey });
  expect(await reasonsIn(foreign, publicKey)).toEqual(['the signature is not that of the key']);
  const [line = ''] = unsigned;
  const borrowed = line.replace(/("id":"[0-9a-f]+")/, `$1,"signature":"${signatureOf(digestOf('other'), secretKey)}"`);
  expect(await reasonsIn([borrowed], publicKey)).toEqual(['the signature is not that of the key']);
  const signed = await linesOf(record, day, { ...recording, secretKey });
  expect(await validIn([...unsigned, ...foreign, ...signed], publicKey)).toEqual(record);
});

it('ends the unpacking of a document that is longer than stated', async () => {
  const bomb = await forged(' '.repeat(50_000_000), 1000);
  expect((bomb[0] as string).length).toBeLessThan(maxDataCharacters);
  expect(await reasonsIn(bomb)).toEqual(['the document cannot be unpacked: it is longer than 1000 bytes']);
  const short = await forged('{}', 3);
  expect(await reasonsIn(short)).toEqual(['the document cannot be unpacked: it is 2 bytes long instead of 3']);
});

/** Changes a number or text anywhere inside of a document; undefined where the change changes nothing. */
function changedDocument(document: string, pick: number, value: unknown): string | undefined {
  const places: Array<{ holder: Record<string, unknown>; key: string }> = [];
  const root = JSON.parse(document) as Record<string, unknown>;
  const visit = (holder: Record<string, unknown>) => {
    for (const [key, own] of Object.entries(holder)) {
      places.push({ holder, key });
      if (typeof own === 'object' && own !== null) {
        visit(own as Record<string, unknown>);
      }
    }
  };
  visit(root);
  const place = places[pick % places.length];
  if (place) {
    place.holder[place.key] = value;
  }
  const text = JSON.stringify(root);
  return text === document ? undefined : text;
}

it('reads a document with a right digest in one way only, or says what is wrong with it', async () => {
  await fc.assert(
    fc.asyncProperty(
      small,
      fc.nat(),
      fc.oneof(fc.integer({ min: -2, max: 120 }), fc.constantFrom(null, 'x', '', 1.5, 1e300, [], {}, [1, 2], true)),
      async (record, pick, value) => {
        const changed = changedDocument(documentOf(record), pick, value);
        fc.pre(changed !== undefined);
        const lines = await forged(changed as string);
        const read = await validIn(lines);
        // Some changes make another, consistent record: nobody but the key can tell.
        if (read) {
          expect(documentOf(read)).toBe(changed);
        } else {
          expect(await reasonsIn(lines)).toHaveLength(1);
        }
      }
    ),
    { numRuns: 400 }
  );
});

it('refuses counts that do not add up to their totals', async () => {
  const key = { type: 'sync', service: 'yolo', user: 'a', country: 'ES', auth: '', outcome: 'succeeded' } as const;
  const document = documentOf(recordOf([0, 0, 1, 2_000_000].map((at) => ({ at, key }))));
  for (const [from, to, reason] of [
    ['"requests":4', '"requests":5', 'the requests do not add up to their total'],
    ['"keys":1', '"keys":2', "the keys' numbers of type are not 2 numbers"],
    ['"rows":2', '"rows":3', 'the rows are not as many as stated'],
    ['"counts":[3,1]', '"counts":[3,2]', 'the requests do not add up to their total'],
    ['"unparsed":129', '"unparsed":128', 'the unparsed lines do not add up to their total'],
    ['"family":"requests"', '"family":"exposed"', 'the document is about another family than its lines'],
    ['"yolo"', '"YOLO"', 'the names of service hold what is no such name'],
  ] as const) {
    expect(document).toContain(from);
    const lines = await forged(document.replace(from, to));
    expect(await validIn(lines)).toBeUndefined();
    expect(await reasonsIn(lines)).toEqual([reason]);
  }
});
