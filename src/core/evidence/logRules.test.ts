import { epoch } from '../../testing/arbitraries';
import { type Finding } from '../completeness/findings';
import { coverageIn, notesIn, stateOfFindings, statusIn } from '../completeness/model';
import { dayMs, hourMs } from '../domain/duration';
import { type Cell } from '../requests/cell';
import { KeyTable } from '../requests/keyTable';
import { type LedgerView } from '../requests/ledger';
import { UpstreamError } from '../upstream/errors';
import { dataBounds, logRules, type LogSubject } from './logRules';
import { type LokiEvidence } from './lokiEvidence';
import { judgeAll } from './rule';

const days = 10;
const span = { start: epoch, end: epoch + days * dayMs };
const day = (index: number) => ({ start: epoch + index * dayMs, end: epoch + (index + 1) * dayMs });
const dayList = (...indices: number[]) => indices.map(day);
const all = dayList(...Array.from({ length: days }, (_, index) => index));

const cellOf = (index: number, parts: Partial<Cell> = {}): Cell => ({
  ...day(index),
  ids: Uint32Array.of(0),
  counts: Uint32Array.of(1),
  unparsed: 0,
  ...parts,
});

interface Scene {
  view?: Partial<LedgerView>;
  evidence?: Partial<LokiEvidence>;
  now?: number;
}

function subjectOf({ view, evidence, now = span.end + 400 * dayMs }: Scene): LogSubject {
  return {
    view: {
      span,
      cells: all.map((_, index) => cellOf(index)),
      missing: [],
      table: new KeyTable(() => undefined, 'auth_method'),
      ...view,
    },
    evidence: { silentDays: [], linesAhead: 0, examples: [], ...evidence },
    selector: '{app="oscar"}',
    family: 'requests',
    zone: 'utc',
    now,
    settleDelayMs: hourMs,
  };
}

const findingsOf = (scene: Scene): Finding[] => judgeAll(logRules, subjectOf(scene));
const stateOf = (scene: Scene) => {
  const subject = subjectOf(scene);
  return stateOfFindings('request-logs', subject.view.span, judgeAll(logRules, subject), subject.now);
};

it('says nothing about a range in which every day has requests', () => {
  expect(findingsOf({})).toEqual([]);
  expect(stateOf({})).toMatchObject({ status: 'ok', coveragePercent: 100, notes: [] });
});

it('has rules with names of their own', () => {
  expect(new Set(logRules.map(({ name }) => name)).size).toBe(logRules.length);
});

it('lists what could not be read by its reason', () => {
  const down = new UpstreamError('unavailable', 'HTTP 502');
  const slow = new UpstreamError('timeout', 'no response');
  const missing = [
    { ...day(1), reason: down },
    { ...day(3), reason: down },
    { ...day(4), reason: slow },
  ];
  const state = stateOf({ view: { missing } });
  expect(state).toMatchObject({
    status: 'partial',
    coveragePercent: 70,
    missing: [day(1), { ...day(3), end: day(4).end }],
  });
  expect(state.notes).toEqual([
    'could not read logs in 2 time spans between 2026-10-25T00:00:00.000Z and 2026-10-27T23:59:59.999Z: HTTP 502',
    'could not read logs between 2026-10-28T00:00:00.000Z and 2026-10-28T23:59:59.999Z: no response',
  ]);
  expect(statusIn(state, day(1))).toBe('missing');
  expect(statusIn(state, day(2))).toBe('ok');
});

describe('when Loki states a retention', () => {
  const now = span.end;
  const retentionMs = 4 * dayMs;

  it('takes what is older to be gone', () => {
    const state = stateOf({ now, evidence: { retentionMs, keepsOlder: false, silentDays: dayList(0, 1, 2, 3, 4) } });
    expect(state).toMatchObject({
      status: 'partial',
      coveragePercent: 40,
      missing: [{ start: epoch, end: day(6).start }],
    });
    expect(state.notes[0]).toBe('Loki keeps lines for 4 days; 6 of 10 days no longer available');
    expect(state.gaps?.map(({ kind }) => kind)).toEqual(['expired']);
  });

  it('believes older lines more than the limit, because only a compactor applies it', () => {
    expect(stateOf({ now, evidence: { retentionMs, keepsOlder: true } }).status).toBe('ok');
  });

  it('takes the quiet hours after its end for no beginning, but whole days for one', () => {
    const horizon = now - retentionMs;
    const left = (firstLine: number, ...silent: number[]) => {
      const evidence = { retentionMs, keepsOlder: false, hasEarlier: false, silentDays: dayList(...silent), firstLine };
      return stateOf({ now, evidence }).gaps?.map(({ kind }) => kind);
    };
    expect(left(horizon + hourMs, 0, 1, 2, 3, 4, 5)).toEqual(['expired']);
    expect(left(horizon + 30 * hourMs, 0, 1, 2, 3, 4, 5, 6)).toEqual(['expired', 'not-begun']);
  });

  it('is not alarmed by a range that begins just where the retention ends', () => {
    const exact = { retentionMs: days * dayMs, keepsOlder: false };
    expect(stateOf({ now: now + 60_000, evidence: exact }).missing).toEqual([]);
    expect(stateOf({ now: now + hourMs, evidence: exact }).status).toBe('partial');
  });

  it('has nothing of a range that lies before it', () => {
    const state = stateOf({ now: now + dayMs * 30, evidence: { retentionMs, silentDays: all } });
    expect(state).toMatchObject({
      status: 'missing',
      coveragePercent: 0,
      notes: ['Loki keeps lines for 4 days; 10 of 10 days no longer available'],
    });
  });

  it('leaves the silence after it to the other rules', () => {
    const state = stateOf({ now, evidence: { retentionMs, silentDays: all, hasEarlier: false } });
    expect(state.status).toBe('partial');
    expect(state.gaps?.map(({ kind, start, end }) => [kind, start, end])).toEqual([
      ['expired', epoch, day(6).start],
      ['silent', day(6).start, span.end],
    ]);
  });
});

describe('days without a line', () => {
  it('before the first line ever are those of a store that began later', () => {
    const firstLine = day(3).start + 5 * hourMs;
    const state = stateOf({ evidence: { silentDays: dayList(0, 1, 2), hasEarlier: false, firstLine } });
    expect(state).toMatchObject({ status: 'partial', missing: [] });
    expect(state.gaps?.[0]).toMatchObject({ kind: 'not-begun', start: epoch, end: firstLine });
    expect(state.notes.join()).toMatch(/first line in Loki is from 2026-10-27T05:00.*3 days before/);
  });

  it('with lines before and after are a hole, in which a count of 0 does not count as covered', () => {
    const state = stateOf({ evidence: { silentDays: dayList(4, 5) } });
    expect(state).toMatchObject({
      status: 'partial',
      coveragePercent: 80,
      gaps: [{ start: day(4).start, end: day(5).end }],
    });
    expect(state.notes).toEqual([
      expect.stringMatching(/no line at all matches \{app="oscar"\} on 2 days between 2026-10-28/),
    ]);
    expect(statusIn(state, day(4))).toBe('partial');
    expect(coverageIn(state, day(4))).toBe(0);
    expect(notesIn(state, day(4))).toEqual(state.notes);
    expect(notesIn(state, day(3))).toEqual([]);
  });

  it('at the beginning are a hole too when there are lines before', () => {
    const state = stateOf({ evidence: { silentDays: dayList(0), hasEarlier: true } });
    expect(state.gaps?.[0]?.kind).toBe('silent');
  });

  it('both at the beginning and later are told apart', () => {
    const state = stateOf({ evidence: { silentDays: dayList(0, 1, 7), hasEarlier: false } });
    expect(state.gaps?.map(({ kind }) => kind)).toEqual(['not-begun', 'silent']);
  });

  it('are all there is: the counts stand, in doubt', () => {
    const state = stateOf({ evidence: { silentDays: all, hasEarlier: true } });
    expect(state).toMatchObject({ status: 'partial', coveragePercent: 0, missing: [] });
    expect(state.notes).toEqual([expect.stringMatching(/no line at all .* 30 days before/)]);
    expect(statusIn(state, day(4))).toBe('partial');
  });

  it('are in doubt when Loki does not say', () => {
    const state = stateOf({ evidence: { failure: 'HTTP 403: no' } });
    expect(state).toMatchObject({ status: 'partial', degraded: true });
    expect(state.notes.join()).toContain('HTTP 403: no');
  });
});

describe('lines of an unknown form', () => {
  const withLines = (lines: number, ...unparsed: number[]) => {
    const cells = [
      cellOf(0, { counts: Uint32Array.of(lines) }),
      ...unparsed.map((n, index) => cellOf(index + 1, { unparsed: n })),
    ];
    return stateOf({ view: { cells } });
  };

  it('make their stretches partial, and no others, with a bound of what is not counted', () => {
    const state = withLines(10, 2, 1);
    expect(state).toMatchObject({ status: 'partial', coveragePercent: 100 });
    expect(state.notes).toEqual([
      '3 lines of the executions logger in an unknown format: at most 3 requests not counted',
    ]);
    expect(dayList(0, 1, 2, 3).map((part) => statusIn(state, part))).toEqual(['ok', 'partial', 'partial', 'ok']);
  });

  it('are worth a remark up to a thousandth of all lines', () => {
    // 4 cells hold a request more, and the lines themselves count, too.
    expect(withLines(3993, 2, 1, 1).status).toBe('ok');
    expect(withLines(3993, 2, 1, 1).notes).toEqual([expect.stringMatching(/at most 4 requests not counted$/)]);
    expect(withLines(3992, 2, 1, 1).status).toBe('partial');
  });

  it('are none of an exposed service without a word about requests of the manager', () => {
    const subject = { ...subjectOf({ view: { cells: [cellOf(0, { unparsed: 1 })] } }), family: 'exposed' as const };
    expect(judgeAll(logRules, subject)[0]?.note).toMatch(/^1 line naming an exposed service in an unknown format/);
  });
});

it('doubts the stretches with requests whose service the lines do not tell, and says what to change', () => {
  const cells = [cellOf(0), cellOf(1, { unread: 2 }), cellOf(2, { unread: 1 })];
  const state = stateOf({ view: { cells } });
  expect(state).toMatchObject({ status: 'partial', coveragePercent: 100 });
  expect(state.notes).toEqual([expect.stringMatching(/^3 requests .* by DNS name not counted.*as JSON/)]);
  expect(dayList(0, 1, 2, 3).map((part) => statusIn(state, part))).toEqual(['ok', 'partial', 'partial', 'ok']);
});

it('doubts the answers that Loki warned of', () => {
  const state = stateOf({
    view: { cells: [cellOf(0), cellOf(1, { warnings: ['partial'] }), cellOf(2, { warnings: [] })] },
  });
  expect(state.notes).toEqual(['Loki warned: partial']);
  expect(dayList(0, 1, 2).map((part) => statusIn(state, part))).toEqual(['ok', 'partial', 'ok']);
});

it('doubts the latest counts when lines come from the future', () => {
  const now = span.end;
  const state = stateOf({ now, evidence: { linesAhead: 2 } });
  expect(state.notes[0]).toMatch(/^2 lines with a time ahead of the clock/);
  expect(statusIn(state, day(9))).toBe('partial');
  expect(statusIn(state, day(8))).toBe('ok');
});

it('remarks that the end is open, which is no fault', () => {
  const state = stateOf({ now: span.end });
  expect(state).toMatchObject({ status: 'ok', coveragePercent: 100 });
  expect(state.notes).toEqual(['counts after 2026-11-02T23:00:00.000Z may still change']);
  expect(stateOf({ now: span.end + hourMs }).notes).toEqual([]);
});

it('knows between which instants there are data', () => {
  const { view } = subjectOf({ view: { cells: [cellOf(0, { ids: new Uint32Array() }), cellOf(1), cellOf(2)] } });
  expect(dataBounds(view)).toEqual({ oldestData: day(1).start, lastData: day(2).end - 1 });
  expect(dataBounds({ ...view, cells: [] })).toEqual({ oldestData: null, lastData: null });
});
