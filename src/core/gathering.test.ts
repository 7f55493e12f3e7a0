import { lastValueFrom, throwError } from 'rxjs';

import { epoch, type KnownEntry, managerLine } from '../testing/arbitraries';
import { connectionsOver, withoutPrometheus } from '../testing/connections';
import { FakeLoki, type FakeLokiOptions } from '../testing/fakeLoki';
import { finish } from '../testing/finish';
import { withProofs } from '../testing/proofs';
import { withMinimumCoverage } from './completeness/strict';
import { dayMs, hourMs } from './domain/duration';
import { type PeriodUnit } from './domain/periods';
import { type Span } from './domain/span';
import { type UsageOptions } from './options';
import { type Report } from './reports/report';
import { runReport, statesOf } from './reports/runReport';
import { selectionOf } from './reports/selection';
import { summary } from './reports/summary';
import { settingsFrom } from './settings';
import { gather } from './sources/gather';
import { Round } from './sources/rounds';
import { openUpstreams } from './sources/upstreams';
import { type Connections } from './upstream/connections';
import { UpstreamError } from './upstream/errors';

const range = { start: epoch, end: epoch + 3 * dayMs };

interface Scene extends FakeLokiOptions {
  entries?: readonly KnownEntry[];
  now?: number;
  span?: Span;
  unit?: PeriodUnit;
  options?: UsageOptions;
  ways?: Partial<Connections>;
}

const query = { queryType: 'summary' as const };
const context = {
  query,
  services: undefined,
  membershipOf: () => 'unknown' as const,
  rejectedRequests: 'separate' as const,
};
const { needs, sources } = selectionOf(summary, query);

const roundAt = (now: number) =>
  new Round(
    now,
    { range, readAgain: false },
    () => now,
    () => {}
  );

/** The summary of a cluster whose Loki holds these entries and whose Prometheus is down. */
async function summarize(scene: Scene = {}) {
  const { entries = [], now = range.end + dayMs, span = range, unit, options, ways, ...loki } = scene;
  const fake = new FakeLoki(entries, loki);
  const connections = connectionsOver(withoutPrometheus(withProofs(fake.transport)));
  const settings = settingsFrom({ lokiUid: 'loki', prometheusUid: 'prometheus', ...options });
  const gathered = await lastValueFrom(
    gather(
      {
        needs,
        range: span,
        zone: 'utc',
        granularity: 'day',
        usageGranularity: 'day',
        spans: [span],
        readAgain: false,
        settings,
        round: roundAt(now),
        now,
      },
      openUpstreams(settings, { ...connections, ...ways }, () => now)
    )
  );
  const blocks = finish(runReport(summary, context, gathered, span, unit, 'utc')).blocks;
  const states = new Map(statesOf(gathered, sources).map((state) => [state.source, state]));
  return { gathered, states, rows: blocks.map(({ rows }) => rows[0]?.cells ?? {}), blocks };
}

const request = (hour: number, labels: Readonly<Record<string, string>> = { geoip_country_code: 'ES' }): KnownEntry => {
  const meaning = {
    type: 'sync' as const,
    service: 'a',
    user: 'u',
    country: labels.geoip_country_code ?? 'unknown',
    outcome: 'succeeded' as const,
  };
  return {
    time: BigInt(epoch + hour * hourMs + 1) * 1_000_000n,
    labels,
    line: managerLine(meaning, 'seconds'),
    meaning,
  };
};
const unreadable = (hour: number): KnownEntry => ({
  ...request(hour),
  line: '[GIN-EXECUTIONS-LOGGER] 2026-05-28T16:55:12Z some other form | POST /job/a',
  meaning: undefined,
});

/** Loki does not answer for the second day. */
const secondDayFails: FakeLokiOptions['fault'] = ({ params }) => {
  const until = Number(params['end'] ?? 0) / 1e6;
  const from = Number(params['start'] ?? 0) / 1e6 - Number(/\[(\d+)ms\]/.exec(params['query'] ?? '')?.[1] ?? 0);
  return until > epoch + dayMs && from < epoch + 2 * dayMs ? new UpstreamError('cancelled', 'gone') : undefined;
};

it('keeps what one source delivered when another fails', async () => {
  const { rows, states, gathered } = await summarize({ entries: [request(1), request(30), request(60)] });
  expect(rows).toMatchObject([{ requests_count_total: 3, cpu_hours_total: null, services_count_active: null }]);
  expect(states.get('request-logs')?.status).toBe('ok');
  expect(states.get('usage-cpu')).toMatchObject({ status: 'missing', coveragePercent: 0 });
  expect(gathered.failed).toEqual(expect.arrayContaining(['usage-cpu', 'usage-gpu', 'service-inventory']));
  expect(gathered.failed).not.toContain('request-logs');
});

it('gives the periods that could not be read null, and flags them', async () => {
  const { rows, states } = await summarize({
    entries: [request(1), request(30), request(60)],
    fault: secondDayFails,
    unit: 'day',
  });
  expect(rows.map((row) => row.requests_count_total)).toEqual([1, null, 1]);
  expect(states.get('request-logs')).toMatchObject({ status: 'partial', coveragePercent: 66.66 });
});

it('does not collect exposed requests without a selector', async () => {
  const { rows, states, gathered } = await summarize({ options: { exposedSelector: '' } });
  expect(rows).toMatchObject([{ requests_count_exposed: null }]);
  expect(states.get('exposed-request-logs')).toMatchObject({ status: 'ok', coveragePercent: null });
  expect(gathered.failed).not.toContain('exposed-request-logs');
});

it('says which option is wrong when a data source is not there', async () => {
  const loki = () => {
    throw new UpstreamError('configuration', 'no Loki is known (option lokiUid)');
  };
  const { states, rows } = await summarize({ ways: { loki } });
  expect(states.get('request-logs')?.notes).toEqual(['no Loki is known (option lokiUid)']);
  expect(rows).toMatchObject([{ requests_count_total: null, countries_count: null, users_count: null }]);
});

it('has no countries where no request carries one, and flags few', async () => {
  const none = await summarize({ entries: [request(1, {}), request(2, {})] });
  expect(none.rows).toMatchObject([{ countries_count: null, countries: null, attribution_percent: 0 }]);
  expect(none.states.get('country-attribution')?.status).toBe('missing');
  const half = await summarize({ entries: [request(1, {}), request(2)] });
  expect(half.rows).toMatchObject([{ countries_count: 1, attribution_percent: 50 }]);
  expect(half.states.get('country-attribution')?.status).toBe('partial');
});

it('flags lines of an unknown form', async () => {
  const { states, rows } = await summarize({ entries: [request(1), unreadable(2), request(30), request(60)] });
  expect(rows).toMatchObject([{ requests_count_total: 3 }]);
  expect(states.get('request-logs')).toMatchObject({
    status: 'partial',
    notes: [expect.stringContaining('1 line ')],
    examples: [],
  });
});

it('keeps the flag for lines of an unknown form in the periods that were read, when another was not', async () => {
  // The state is `partial` for two reasons; of these only the missing time is asked about in a period.
  const { gathered } = await summarize({ entries: [request(1), unreadable(2)], fault: secondDayFails });
  const requestLogs: Report = {
    ...summary,
    *rows() {
      return [{ cells: {}, sources: ['request-logs'] }];
    },
  };
  const [first] = finish(runReport(requestLogs, context, gathered, range, 'day', 'utc')).blocks;
  expect(first?.rows[0]?.completeness).toBe('partial');
});

it('does not say that there was nothing in a range that lies ahead', async () => {
  const { rows, states } = await summarize({ now: epoch - dayMs });
  expect(states.get('request-logs')?.status).not.toBe('ok');
  expect(rows).toMatchObject([{ requests_count_total: null }]);
});

it('does not say that there was nothing in the periods that lie ahead', async () => {
  const { rows } = await summarize({ entries: [request(1)], now: epoch + dayMs / 2, unit: 'day' });
  expect(rows.map((row) => row.requests_count_total)).toEqual([1, null, null]);
});

it('does not take a store without a single line for a cluster without requests', async () => {
  // A wrong selector, a shipper that never ran, or a range before the retention all look like this.
  const { states } = await summarize({ entries: [] });
  expect(states.get('request-logs')?.status).not.toBe('ok');
});

it('flags a gap that the operator declared', async () => {
  const gap = {
    from: '2026-10-24T06:00:00Z',
    to: '2026-10-24T12:00:00Z',
    source: 'request-logs',
    note: 'Loki was down',
  };
  const { states } = await summarize({ entries: [request(1)], options: { knownGaps: [gap] } });
  expect(states.get('request-logs')?.status).toBe('partial');
});

it('leaves figures empty that are covered less than asked for, and no others', async () => {
  const entries = [request(1), request(30), request(60)];
  const { gathered } = await summarize({ entries, fault: secondDayFails });
  const state = gathered.states.get('request-logs');
  const rowsFor = (minimum: number) => {
    const strict = state && withMinimumCoverage(state, [range], minimum);
    const states = new Map(gathered.states).set('request-logs', strict as NonNullable<typeof strict>);
    return finish(runReport(summary, context, { ...gathered, states }, range, undefined, 'utc')).blocks[0]?.rows[0];
  };
  expect(rowsFor(66)).toMatchObject({ cells: { requests_count_total: 2, requests_count_exposed: 0 } });
  expect(rowsFor(67)).toMatchObject({
    completeness: 'missing',
    cells: { requests_count_total: null, users_count: null, requests_count_exposed: 0 },
    notes: expect.arrayContaining([expect.stringMatching(/minimum 67 %/)]),
  });
});

it('is not asked at all when nothing is needed', async () => {
  const needs = { requests: false, exposed: false, cpu: false, gpu: false, inventory: false };
  const unused = () => throwError(() => new Error('it was asked'));
  const settings = settingsFrom({});
  const gathered = gather(
    {
      needs,
      range,
      zone: 'utc',
      granularity: 'day',
      usageGranularity: 'day',
      spans: [range],
      readAgain: false,
      settings,
      round: roundAt(0),
      now: 0,
    },
    openUpstreams(settings, connectionsOver(unused), () => 0)
  );
  expect((await lastValueFrom(gathered)).failed).toEqual([]);
});
