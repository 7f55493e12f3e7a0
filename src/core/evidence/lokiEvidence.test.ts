import fc from 'fast-check';
import { lastValueFrom } from 'rxjs';

import { epoch, zone } from '../../testing/arbitraries';
import { FakeLoki, type FakeLokiOptions, type LogEntry } from '../../testing/fakeLoki';
import { lineOptions } from '../../testing/lineOptions';
import { dayMs, hourMs } from '../domain/duration';
import { requestFamily } from '../expr/logql';
import { KeyTable } from '../requests/keyTable';
import { type LedgerView } from '../requests/ledger';
import { UpstreamError } from '../upstream/errors';
import { LokiClient } from '../upstream/loki';
import { StatedLimits } from '../upstream/statedLimits';
import { daysOf } from './days';
import { type EvidenceQuestion, type LokiEvidence, LokiWitness } from './lokiEvidence';

const family = requestFamily('{app="oscar"}', lineOptions);
const span = { start: epoch, end: epoch + 60 * dayMs };
const later = span.end + 30 * dayMs;
const lineAt = (time: number, line = '[GIN] health'): LogEntry => ({
  time: BigInt(time) * 1_000_000n,
  line,
  labels: {},
});
const noon = (day: number) => epoch + day * dayMs + 12 * hourMs;

interface Scene extends FakeLokiOptions {
  entries?: readonly LogEntry[];
  view?: Partial<LedgerView>;
  zone?: string;
  now?: number;
  examples?: boolean;
}

/** Asks about a range without a single request. */
function witnessOf({ entries = [], view, zone: inZone = 'utc', now = later, examples = true, ...options }: Scene) {
  const loki = new FakeLoki(entries, options);
  // What is asked at about the same time is shared: each look at the clock is much later than the one before.
  let clock = now;
  const witness = new LokiWitness(() => (clock += hourMs), new StatedLimits());
  const client = new LokiClient(loki.transport, 'loki', {
    retries: 0,
    firstDelayMs: 0,
    longestDelayMs: 0,
    random: () => 0,
  });
  const empty = { ...(view?.span ?? span), ids: new Uint32Array(), counts: new Uint32Array(), unparsed: 0 };
  const whole: LedgerView = {
    span,
    cells: [empty],
    missing: [],
    table: new KeyTable(() => undefined, 'auth_method'),
    ...view,
  };
  const ask = (more: Partial<EvidenceQuestion> = {}): Promise<LokiEvidence> =>
    lastValueFrom(
      witness.ask(client, {
        family,
        view: whole,
        zone: inZone,
        now,
        settleDelayMs: hourMs,
        ingressSelector: '',
        readAgain: false,
        examples,
        ...more,
      })
    );
  return { loki, ask, whole };
}

it('finds the days without a line, in any zone, whatever the limits', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.uniqueArray(fc.integer({ min: 0, max: 60 * 24 - 1 }), { maxLength: 40 }),
      zone,
      fc.constantFrom(undefined, 24 * hourMs, 7 * dayMs, 721 * hourMs),
      async (hours, inZone, maxLengthMs) => {
        const entries = hours.map((hour) => lineAt(epoch + hour * hourMs + 1));
        const { ask } = witnessOf({ entries, zone: inZone, maxLengthMs });
        const { silentDays } = await ask();
        const expected = daysOf(span, inZone).filter(
          (day) => !hours.some((hour) => epoch + hour * hourMs >= day.start && epoch + hour * hourMs < day.end)
        );
        expect(silentDays).toEqual(expected);
      }
    ),
    { numRuns: 40 }
  );
});

it('asks little when the manager writes around the clock, and nothing twice', async () => {
  const entries = Array.from({ length: 60 * 24 }, (_, hour) => lineAt(epoch + hour * hourMs));
  const { loki, ask } = witnessOf({ entries });
  expect((await ask()).silentDays).toEqual([]);
  const counts = () => loki.requests.filter(({ params }) => params['query']?.startsWith('sum('));
  // An hour of each day, half a month at a time; then whether these lines are of another form.
  expect(counts().map(({ params }) => /\[(\d+)ms\]/.exec(params['query'] ?? '')?.[1])).toEqual([
    ...Array<string>(5).fill('3600000'),
    ...Array<string>(5).fill('86400000'),
  ]);
  await ask();
  expect(counts()).toHaveLength(10);
});

it('asks about days where there are requests whether lines are suspicious, half a month at a time', async () => {
  const busy = { ...span, ids: Uint32Array.of(0), counts: Uint32Array.of(1), unparsed: 0 };
  const { loki, ask } = witnessOf({ view: { cells: [busy] } });
  expect(await ask()).toMatchObject({ silentDays: [], linesAhead: 0 });
  const [limits, ...others] = loki.requests;
  expect(limits?.path).toBe('loki/api/v1/drilldown-limits');
  expect(others.map(({ params }) => params['query']?.includes('oscar_suspicion != ""'))).toEqual(
    Array<boolean>(5).fill(true)
  );
});

it.each([
  ['not-found', 1],
  ['authentication', 1],
  ['unavailable', 2],
] as const)('asks a Loki that refuses its limits as %s this often in two refreshes: %d', async (kind, times) => {
  const busy = { ...span, ids: Uint32Array.of(0), counts: Uint32Array.of(1), unparsed: 0 };
  const isLimits = (path: string) => path.endsWith('/drilldown-limits');
  const fault: FakeLokiOptions['fault'] = ({ path }) => (isLimits(path) ? new UpstreamError(kind, kind) : undefined);
  const { loki, ask } = witnessOf({ view: { cells: [busy] }, fault });
  await ask();
  await ask();
  // A refusal that may be about the tenant is tried again without one.
  expect(loki.requests.filter(({ path, tenant }) => isLimits(path) && tenant !== undefined)).toHaveLength(times);
});

it('tells a store that began later from one that was silent', async () => {
  const first = noon(20) + 7;
  expect(await witnessOf({ entries: [lineAt(first), lineAt(noon(59))] }).ask()).toMatchObject({
    hasEarlier: false,
    firstLine: first,
  });
  const older = lineAt(epoch - 10 * dayMs);
  expect(await witnessOf({ entries: [older, lineAt(first)] }).ask()).toMatchObject({ hasEarlier: true });
  const far = lineAt(epoch - 40 * dayMs);
  expect(await witnessOf({ entries: [far] }).ask()).toMatchObject({ hasEarlier: false });
});

describe('a range that begins before the store, a minute later', () => {
  const first = noon(20) + 7;
  const entries = [lineAt(first), lineAt(noon(59))];
  const moved = (whole: LedgerView) => ({
    view: { ...whole, span: { start: span.start + 60_000, end: span.end + 60_000 } },
    now: later + 60_000,
  });

  it('asks about settled days and what came before them only once', async () => {
    const { loki, ask, whole } = witnessOf({ entries });
    const answer = await ask();
    expect(answer.silentDays).toHaveLength(58);
    const asked = loki.requests.length;
    // The day after the range is one more.
    expect(await ask(moved({ ...whole }))).toMatchObject({ hasEarlier: false, firstLine: first });
    expect(await ask()).toEqual(answer);
    expect(loki.requests.length - asked).toBeLessThanOrEqual(2);
  });

  it('asks again when it is told to, and believes the later answer from then on', async () => {
    const { loki, ask } = witnessOf({ entries });
    await ask();
    loki.entries = [lineAt(epoch - dayMs), lineAt(noon(3)), ...entries];
    expect(await ask()).toMatchObject({ hasEarlier: false });
    const again = await ask({ readAgain: true });
    expect(again).toMatchObject({ hasEarlier: true });
    expect(again.silentDays).toHaveLength(57);
    expect(await ask()).toEqual(again);
  });

  it('asks again about a day in which lines may still arrive', async () => {
    const late = { now: span.end + 60_000, settleDelayMs: 2 * dayMs };
    const { loki, ask } = witnessOf({ entries: [lineAt(first)] });
    expect((await ask(late)).silentDays).toHaveLength(59);
    loki.entries = entries;
    expect((await ask(late)).silentDays).toHaveLength(58);
  });
});

it('does not take a quiet night for a hole', async () => {
  // Five minutes after midnight; the last line came the evening before.
  const now = epoch + 5 * 60_000;
  const today = { start: epoch - hourMs, end: now };
  const { ask } = witnessOf({ entries: [lineAt(epoch - 3 * hourMs)], view: { span: today }, now });
  expect((await ask()).silentDays).toEqual([]);
});

it('looks beyond the retention for lines that are kept all the same', async () => {
  const now = span.end;
  const retention = '31d';
  const kept = [lineAt(epoch + dayMs), lineAt(noon(59))];
  expect(await witnessOf({ entries: kept, retention, now }).ask()).toMatchObject({ keepsOlder: true });
  const gone = [lineAt(noon(35)), lineAt(noon(59))];
  expect(await witnessOf({ entries: gone, retention, now }).ask()).toMatchObject({
    keepsOlder: false,
    retentionMs: 31 * dayMs,
  });
});

it('counts lines from the future only where the range reaches the present', async () => {
  const now = span.end;
  const entries = [lineAt(noon(59)), lineAt(now + 30_000), lineAt(now + 10 * 60_000)];
  expect((await witnessOf({ entries, now }).ask()).linesAhead).toBe(1);
  expect((await witnessOf({ entries, now: now + dayMs }).ask()).linesAhead).toBe(0);
});

it('shows the form of lines that could not be understood, cut to a length, and only where it is asked for', async () => {
  const odd = `[GIN-EXECUTIONS-LOGGER] 2026-05-28T16:55:12Z odd | POST ${'x|'.repeat(500)}`;
  const cell = { ...span, ids: new Uint32Array(), counts: new Uint32Array(), unparsed: 4 };
  const entries = Array.from({ length: 4 }, (_, index) => lineAt(epoch + index, odd));
  const { examples } = await witnessOf({ entries, view: { cells: [cell] } }).ask();
  expect(examples).toEqual(
    Array(3).fill(`[GIN-EXECUTIONS-LOGGER] 2026-05-28T16:55:12Z … | POST ${'…|'.repeat(500)}`.slice(0, 300))
  );
  const unasked = witnessOf({ entries, view: { cells: [cell] }, examples: false });
  expect((await unasked.ask()).examples).toEqual([]);
  expect(unasked.loki.requests.filter(({ params }) => params['direction'])).toEqual([]);
});

it('does not take an access line that names the logger for one of its lines', async () => {
  const imitations = ['[GIN] 2026/01/20 | 201 | POST "/job/[GIN-EXECUTIONS-LOGGER]| POST "'].flatMap((line) => [
    line,
    `2026-01-20T09:34:35.919996606Z stderr F ${line}`,
  ]);
  const withoutTime = '[GIN-EXECUTIONS-LOGGER] | POST ';
  const odd = 'pod-1: [GIN-EXECUTIONS-LOGGER] 2026-05-28T16:55:12Z odd | POST ';
  const cell = { ...span, ids: new Uint32Array(), counts: new Uint32Array(), unparsed: 1 };
  const entries = [...imitations, withoutTime, odd].map((line, index) => lineAt(epoch + index, line));
  expect((await witnessOf({ entries, view: { cells: [cell] } }).ask()).examples).toEqual([
    '…: [GIN-EXECUTIONS-LOGGER] 2026-05-28T16:55:12Z … | POST ',
  ]);
});

it('says that it could not find out', async () => {
  const { ask } = witnessOf({
    fault: ({ params }) =>
      params['query']?.startsWith('sum(') ? new UpstreamError('permission', 'HTTP 403') : undefined,
  });
  expect(await ask()).toMatchObject({ silentDays: [], failure: 'HTTP 403', linesAhead: 0 });
  const busy = { ...span, ids: Uint32Array.of(0), counts: Uint32Array.of(1), unparsed: 0 };
  const refused = witnessOf({ view: { cells: [busy] }, fault: () => new UpstreamError('permission', 'HTTP 403') });
  expect(await refused.ask()).toMatchObject({ forgery: { failure: 'HTTP 403' } });
});
