import { daySpan, recordOf } from '../../testing/recordedDay';
import { type Finding } from '../completeness/findings';
import { dayMs, hourMs } from '../domain/duration';
import { dayAt, type DayCounts } from '../records/dayRecord';
import { bookedCells, type BookedDay, RecordOrigin } from '../records/recordBook';
import { type UsersToRecord } from '../records/users';
import { gridOf } from '../requests/grid';
import { KeyTable } from '../requests/keyTable';
import { type LedgerView } from '../requests/ledger';
import { finished } from '../runtime/turns';
import { recordRules, usersAreKnownIn } from './recordRules';
import { judgeAll } from './rule';

const range = { start: daySpan.start, end: daySpan.start + 5 * dayMs };

function bookedDay(record: DayCounts, offset: number, doubts: readonly string[] = []): BookedDay {
  const [start, end] = [daySpan.start + offset * dayMs, daySpan.end + offset * dayMs];
  const moved = (spans: ReadonlyArray<{ start: number; end: number }>) =>
    spans.map((span) => ({ start: span.start + offset * dayMs, end: span.end + offset * dayMs }));
  const findings = record.findings.map((finding) =>
    'spans' in finding && finding.spans ? { ...finding, spans: moved(finding.spans) } : finding
  );
  const day = { ...record, findings };
  return {
    record: day,
    origin: new RecordOrigin(dayAt(start), { start, end }, new Date(end + hourMs).toISOString(), day, doubts),
  };
}

function viewOf(days: readonly BookedDay[], withLogs = false): LedgerView {
  const table = new KeyTable(() => undefined, '');
  const { cells } = finished(bookedCells(days, [range], gridOf(range, 'utc', 'day'), table));
  const logged = { start: range.end - dayMs, end: range.end, ids: Uint32Array.of(0), counts: Uint32Array.of(1) };
  return { span: range, cells: withLogs ? [...cells, { ...logged, unparsed: 0 }] : cells, missing: [], table };
}

const key = { type: 'sync', service: 'a', user: 'u@v', country: 'ES', auth: '', outcome: 'succeeded' } as const;
const requests = [{ at: 0, key }];

it('knows whether users can be told apart', () => {
  const of = (users: UsersToRecord) => recordOf(requests, users);
  const [plain, none] = [of({ mode: 'plain' }), of({ mode: 'none' })];
  const [hashed, other] = ['one', 'other'].map((secret) => of({ mode: 'hashed', key: secret })) as [
    DayCounts,
    DayCounts,
  ];
  const areKnown = (records: readonly DayCounts[], withLogs: boolean) =>
    usersAreKnownIn(
      viewOf(
        records.map((record, offset) => bookedDay(record, offset)),
        withLogs
      ),
      range
    );
  expect(areKnown([plain, plain], true)).toBe(true);
  expect(areKnown([hashed, hashed], false)).toBe(true);
  expect(areKnown([hashed, hashed], true)).toBe(false);
  expect(areKnown([hashed, other], false)).toBe(false);
  expect(areKnown([plain, hashed], false)).toBe(false);
  expect(areKnown([none], false)).toBe(false);
  expect(areKnown([], true)).toBe(true);
  const mixed = viewOf([bookedDay(plain, 0), bookedDay(hashed, 1)]);
  expect(usersAreKnownIn(mixed, { start: range.start, end: range.start + dayMs })).toBe(true);
  expect(judgeAll(recordRules, { view: mixed })).toContainEqual({
    effect: 'doubt',
    spans: [range],
    note: expect.stringMatching(/^users are not known: the usage records of 1 day /) as string,
  });
});

it('says how many days come from records, and what these say of their source, once for all days', () => {
  const doubted = (note: string): Finding[] => [{ effect: 'doubt', spans: [daySpan], note }];
  const record = (lines: number) => recordOf(requests, { mode: 'plain' }, doubted(`${lines} lines cut short`));
  const days = [bookedDay(recordOf(requests), 0), bookedDay(record(3), 1), bookedDay(record(5), 2)];
  const first = { start: daySpan.start + dayMs, end: daySpan.start + 3 * dayMs };
  expect(judgeAll(recordRules, { view: viewOf(days) })).toEqual([
    {
      effect: 'remark',
      note: '3 of 5 days come from usage records written between 2026-10-26T01:00:00.000Z and 2026-10-28T01:00:00.000Z',
    },
    {
      effect: 'doubt',
      spans: [first],
      note: 'by the usage record of 2026-10-26: 3 lines cut short; the same on 1 other recorded day',
    },
  ]);
});

it('says why a record is in doubt that is used all the same', () => {
  const days = [0, 1].map((offset) => bookedDay(recordOf(requests), offset, ['it was counted with other options: x']));
  expect(judgeAll(recordRules, { view: viewOf(days) })).toContainEqual({
    effect: 'doubt',
    spans: [{ start: daySpan.start, end: daySpan.start + 2 * dayMs }],
    note: 'from the usage record of 2 days from 2026-10-25 to 2026-10-26: it was counted with other options: x',
  });
});

it('says nothing of counts from logs', () => {
  expect(judgeAll(recordRules, { view: viewOf([], true) })).toEqual([]);
});

describe('a day whose record does not have as many log lines as Loki', () => {
  const dispute = { day: daySpan, recordedAt: '2026-10-26T01:00:00.000Z', recordedLines: 12 };
  const judged = (lines: number) =>
    judgeAll(recordRules, { view: viewOf([], true), disputes: [{ ...dispute, lines }] });

  it('is remarked where lines came late, because they were read', () => {
    expect(judged(15)).toEqual([
      {
        effect: 'remark',
        note: expect.stringMatching(/12 log lines, but Loki holds 15 now.*record corrects it/) as string,
      },
    ]);
  });

  it('is in doubt where there are fewer lines than were recorded', () => {
    expect(judged(9)).toEqual([
      {
        effect: 'doubt',
        spans: [daySpan],
        note: expect.stringMatching(/12 log lines, but Loki holds 9 now.*lines were lost/) as string,
      },
    ]);
  });
});
