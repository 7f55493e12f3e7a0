import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { dayMs, hourMs } from '../../src/core/domain/duration';
import { resolveBinaries, startLoki, startPrometheus, stopEngines } from '../../stack/engines';
import { createHost, type Host } from '../../stack/host';
import { silentLog } from '../../stack/lib/progress';
import { createParameters, expectedSummary, type Truth } from '../../stack/traffic';
import { flushLoki } from '../../stack/traffic/lokiFlush';
import { type Answer, ask, over, sourceOf } from './support/answers';
import { deployed, type LokiValues } from './support/deployFiles';
import { openScratch, type Scratch } from './support/scratch';
import { fixedTraffic, openTraffic } from './support/traffic';

// Up to the present, because retentions are counted from there.
const traffic = createParameters({ ...fixedTraffic, days: 45, lines: 4000, users: 50, end: undefined });
const range = { from: traffic.end - 180 * dayMs, to: traffic.end };

let scratch: Scratch;
let truth: Truth;
let host: Host;
let lokiUrl: string;

beforeAll(async () => {
  scratch = await openScratch();
  const stack = await openTraffic(scratch.directory, traffic);
  truth = stack.truth;
  const { loki, prometheus } = stack;
  await pushOldRecord(loki.url);
  await stopEngines();
  // The same data, by engines that keep less of it.
  const binaries = await resolveBinaries(silentLog);
  const limits = { retention_stream: deployed<LokiValues>('helm/loki.yaml').loki.limits_config?.retention_stream };
  const keeping = {
    binary: binaries.loki,
    dataDirectory: loki.dataDirectory,
    preferredPort: 0,
    retention: '744h',
    limits,
  };
  await forget(loki.dataDirectory);
  const compacting = await startLoki(keeping);
  await until(() => hasApplied(compacting.url));
  await compacting.stop();
  await forget(loki.dataDirectory);
  const shortLoki = await startLoki(keeping);
  const shortPrometheus = await startPrometheus({
    binary: binaries.prometheus,
    dataDirectory: prometheus.dataDirectory,
    preferredPort: 0,
    retention: '15d',
  });
  await until(async () => (await oldestSample(shortPrometheus.url)) > traffic.end - 25 * dayMs);
  lokiUrl = shortLoki.url;
  host = await createHost({ lokiUrl, prometheusUrl: shortPrometheus.url });
});

afterAll(() => scratch?.close());

const records = '{job="oscar-usage-records"}';
const recordedAt = Math.floor(traffic.end / dayMs) * dayMs - 40 * dayMs;

/** Writes a line as of a usage record, older than the retention, and waits until it is stored. */
async function pushOldRecord(lokiUrl: string): Promise<void> {
  const stream = { job: 'oscar-usage-records' };
  const body = JSON.stringify({ streams: [{ stream, values: [[`${recordedAt}000000`, 'kept']] }] });
  const headers = { 'Content-Type': 'application/json' };
  const response = await fetch(`${lokiUrl}/loki/api/v1/push`, { method: 'POST', headers, body });
  expect(response.status).toBe(204);
  await flushLoki({ lokiUrl, selector: records, from: recordedAt, to: recordedAt + dayMs }, 1);
}

/**
 * Leaves a stopped Loki with its store only, which holds everything. An ingester writes what is in its journal to the
 * store once more, and a querier looks at its copies of the index for minutes before it takes new ones.
 */
async function forget(dataDirectory: string): Promise<void> {
  for (const name of ['wal', 'tsdb-shipper-active', 'tsdb-shipper-cache']) {
    await rm(join(dataDirectory, name), { recursive: true, force: true });
  }
}

async function until(isTrue: () => Promise<boolean>): Promise<void> {
  while (!(await isTrue())) {
    await sleep(1000);
  }
}

/** True when the compactor has deleted lines of each day that is too old as a whole, and has looked through all of them once more. */
async function hasApplied(lokiUrl: string): Promise<boolean> {
  const metrics = await (await fetch(`${lokiUrl}/metrics`)).text();
  const [, rounds] = /^loki_compactor_apply_retention_operation_total\{status="success"\} (\d+)$/m.exec(metrics) ?? [];
  const deleted = metrics.matchAll(/retention_marker_count_total\{.*table="index_(\d+)"\} [1-9]/g);
  const done = new Set([...deleted].map(([, day]) => Number(day)));
  // Of the day in which the retention ends, there may be nothing to delete yet.
  const lastOld = Math.floor((Date.now() - 32 * dayMs) / dayMs);
  const days = Math.floor(traffic.days) - 33;
  return (
    Number(rounds) >= 2 && Array.from({ length: days }, (_, index) => lastOld - index).every((day) => done.has(day))
  );
}

async function oldestSample(prometheusUrl: string): Promise<number> {
  const response = await fetch(`${prometheusUrl}/api/v1/status/tsdb/blocks`);
  const { data } = (await response.json()) as { data: { blocks: Array<{ minTime: number }> } };
  return Math.min(Infinity, ...data.blocks.map(({ minTime }) => minTime));
}

describe('180 days from a Loki that keeps 31 and a Prometheus that keeps 15', () => {
  let summary: Answer;
  let table: Answer;
  let askedAt: number;

  beforeAll(async () => {
    const targets = [{ queryType: 'summary' as const }, { queryType: 'completeness' as const }];
    askedAt = Date.now();
    [summary, table] = (await ask(host, host.createDataSource(), targets, over(range))) as [Answer, Answer];
  });

  it('says that the request logs are partial, since when, and why', () => {
    const { status, missing, notes } = sourceOf(summary, 'request-logs');
    expect(status).toBe('partial');
    expect(notes.join()).toMatch(/Loki keeps lines for 31 days; 149 of 180 days no longer available/);
    expect(missing).toHaveLength(1);
    expect(missing[0]).toMatchObject({ kind: 'expired', from: new Date(range.from).toISOString() });
    const gone = Date.parse(missing[0]?.to ?? '');
    expect(Math.abs(gone - (askedAt - 31 * dayMs))).toBeLessThan(hourMs);
    // Chunks are dropped as a whole, so that some lines before the edge may be left, of days before in such sparse streams.
    const counted = Number(summary.rows[0]?.requests_count_total);
    const count = (from: number) => expectedSummary(truth, { from, to: range.to }).requests_count_total;
    const firstHour = Math.ceil(gone / hourMs) * hourMs;
    expect(counted).toBeGreaterThanOrEqual(count(firstHour));
    expect(counted).toBeLessThanOrEqual(count(firstHour - 7 * dayMs));
  });

  it('says that the hours are partial, since when, and why', async () => {
    const { status, missing, notes } = sourceOf(summary, 'usage-cpu');
    expect(status).toBe('partial');
    expect(notes.join()).toMatch(/Prometheus keeps samples for 15 days; 1[56]\d of 180 days no longer available/);
    const expired = missing.filter(({ kind }) => kind === 'expired');
    expect(expired[0]?.from).toBe(new Date(range.from).toISOString());
    expect(summary.rows[0]?.cpu_hours_total).toBeGreaterThan(0);
  });

  it('says the same in the table, the notice and the column', () => {
    for (const { source, status, coverage_percent, notes } of table.rows) {
      if (summary.completeness.some((entry) => entry.source === source)) {
        const entry = sourceOf(summary, String(source));
        expect([status, coverage_percent, notes]).toEqual([
          entry.status,
          entry.coverage_percent,
          entry.notes.join('; '),
        ]);
      }
    }
    expect(summary.warnings.join()).toMatch(
      /CPU hours and GPU hours: 162 of 180 days no longer kept · request logs.*: 150 of 180 days no longer kept/
    );
    expect(summary.rows[0]?.completeness).not.toBe('ok');
    expect(summary.rows[0]?.completeness_notes).toMatch(/days no longer kept/);
    expect(sourceOf(table, 'request-logs').notes.join()).toMatch(/Loki keeps lines for 31 days/);
  });
});

it('leaves months empty of which nothing is left, and gives what is left of the others', async () => {
  const monthly = { queryType: 'summary' as const, interval: 'month' as const };
  const [answer] = (await ask(host, host.createDataSource(), [monthly], over(range))) as [Answer];
  const first = answer.rows[1];
  const last = answer.rows[answer.rows.length - 1];
  expect(first).toMatchObject({ requests_count_total: null, cpu_hours_total: null, completeness: 'missing' });
  expect(Number(last?.requests_count_total)).toBeGreaterThan(0);
});

it('leaves all figures empty for a reader who wants nine tenths', async () => {
  const strict = { queryType: 'summary' as const, minimumCoveragePercent: 90 };
  const [answer] = (await ask(host, host.createDataSource(), [strict], over(range))) as [Answer];
  expect(answer.rows[0]).toMatchObject({ requests_count_total: null, users_count: null, cpu_hours_total: null });
  expect(answer.warnings.join()).toMatch(/minimum 90 %/);
});

it('finds nothing wrong with a range that was kept as a whole', async () => {
  const week = { from: traffic.end - 7 * dayMs, to: traffic.end - dayMs };
  const [answer] = (await ask(host, host.createDataSource(), [{ queryType: 'summary' }], over(week))) as [Answer];
  for (const source of ['request-logs', 'exposed-request-logs']) {
    expect(sourceOf(answer, source)).toMatchObject({ status: 'ok', missing: [], notes: [] });
  }
  expect(answer.rows[0]?.requests_count_total).toBe(expectedSummary(truth, week).requests_count_total);
});

it('keeps usage records longer than other lines (retention_stream of deploy/)', async () => {
  const linesOf = async (selector: string) => {
    const query = `sum(count_over_time(${selector} [1d]))`;
    const parameters = new URLSearchParams({ query, time: String((recordedAt + dayMs - 1) / 1000) });
    const { data } = (await (await fetch(`${lokiUrl}/loki/api/v1/query?${parameters}`)).json()) as {
      data: { result: Array<{ value: [number, string] }> };
    };
    return data.result.map(({ value }) => Number(value[1]));
  };
  expect(expectedSummary(truth, { from: recordedAt, to: recordedAt + dayMs }).requests_count_total).toBeGreaterThan(0);
  expect(await linesOf('{namespace="oscar"}')).toEqual([]);
  expect(await linesOf(records)).toEqual([1]);
});
