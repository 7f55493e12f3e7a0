import { execFile } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { dayMs, hourMs } from '../../src/core/domain/duration';
import { trueHours } from '../../stack/accuracy/lives';
import { writeSamples } from '../../stack/accuracy/samples';
import { createScenario } from '../../stack/accuracy/scenario';
import { type Engine, resolveBinaries, startPrometheus, tsdbDirectoryOf } from '../../stack/engines';
import { createHost, type Host } from '../../stack/host';
import { silentLog } from '../../stack/lib/progress';
import { type Answer, ask, type OscarTarget, sourceOf } from './support/answers';
import { openLoki, openScratch, type Scratch } from './support/scratch';

const daySeconds = 86_400;
const days = 3;
const scrapeSeconds = 60;
const start = Date.parse('2026-03-02T00:00:00Z');
const end = start + days * dayMs;
/** Nothing is scraped for three hours and a half of the second day. */
const outage = { from: start / 1000 + daySeconds + 7 * 3600, to: start / 1000 + daySeconds + 10.5 * 3600 };

const base = createScenario({ from: start / 1000, days, jobsPerDay: 100, seed: 5 });
const scenario = { ...base, gaps: [outage] };
const truth = trueHours(scenario.lives, scenario.asked);

const complete = { namespace: 'complete', relabelled: false, labels: true, lifetimes: true };
const podded = { namespace: 'podded', relabelled: false, labels: false, lifetimes: false };
const relabelled = { namespace: 'relabelled', relabelled: true, labels: false, lifetimes: false };

let scratch: Scratch;
let prometheus: Engine;
let host: Host;

/** Puts samples into a Prometheus' folder, one block for each part of a cluster's history. */
async function fill(tsdb: string, promtool: string): Promise<void> {
  const switchAt = start / 1000 + daySeconds * 1.5;
  const parts = [
    { scenario, schemes: [complete, podded, relabelled] },
    // A cluster that gave up OSCAR's relabelling at noon of the second day.
    {
      scenario: { ...scenario, sampled: { ...base.sampled, to: switchAt } },
      schemes: [{ ...relabelled, namespace: 'switched' }],
    },
    {
      scenario: { ...scenario, sampled: { ...base.sampled, from: switchAt } },
      schemes: [{ ...complete, namespace: 'switched', lifetimes: false }],
    },
  ];
  for (const [index, part] of parts.entries()) {
    const file = join(scratch.directory, `${index}.om`);
    writeSamples(file, part.scenario, scrapeSeconds, part.schemes);
    const command = ['tsdb', 'create-blocks-from', 'openmetrics', '--quiet', '--max-block-duration=162h'];
    await promisify(execFile)(promtool, [...command, file, tsdb]);
  }
}

beforeAll(async () => {
  scratch = await openScratch();
  const binaries = await resolveBinaries(silentLog);
  const directory = join(scratch.directory, 'prometheus');
  mkdirSync(tsdbDirectoryOf(directory), { recursive: true });
  await fill(tsdbDirectoryOf(directory), binaries.promtool);
  prometheus = await startPrometheus({ binary: binaries.prometheus, dataDirectory: directory, preferredPort: 0 });
  const loki = await openLoki(scratch.directory);
  host = await createHost({ prometheusUrl: prometheus.url, lokiUrl: loki.url });
});

afterAll(() => scratch?.close());

async function answer(
  servicesNamespace: string,
  range: { from: number; to: number },
  target: OscarTarget = { queryType: 'metric', metric: 'cpu-hours' },
  dataSource = host.createDataSource({ servicesNamespace })
): Promise<Answer> {
  const [first] = await ask(host, dataSource, [target], range);
  if (!first) {
    throw new Error('no answer');
  }
  return first;
}

function hoursOf({ rows }: Answer): Map<string, number> {
  return new Map(rows.map(({ service, value }) => [String(service), Number(value)]));
}

function sumOf(hours: ReadonlyMap<string, number>): number {
  return [...hours.values()].reduce((sum, value) => sum + value, 0);
}

const whole = { from: start, to: end - 1 };

it.each(['complete', 'podded', 'relabelled'])(
  'gives ranges that add up, wherever they are cut: %s',
  async (namespace) => {
    const all = hoursOf(await answer(namespace, whole));
    const cuts = [
      start,
      start + 5 * hourMs + 123_457,
      start + dayMs + 8 * hourMs + 1,
      start + 2.7 * dayMs + 59_999,
      end,
    ];
    const parts = new Map<string, number>();
    for (const [index, from] of cuts.slice(0, -1).entries()) {
      for (const [service, hours] of hoursOf(await answer(namespace, { from, to: (cuts[index + 1] ?? end) - 1 }))) {
        parts.set(service, (parts.get(service) ?? 0) + hours);
      }
    }
    expect(all.size).toBeGreaterThan(10);
    expect(Math.abs(sumOf(parts) / sumOf(all) - 1)).toBeLessThan(1e-6);
    for (const [service, hours] of all) {
      expect({ service, error: Math.abs((parts.get(service) ?? 0) - hours) < 1e-6 * Math.max(1, hours) }).toEqual({
        service,
        error: true,
      });
    }
  }
);

it('is near the truth with resets, restarts and replicas on one node, in each zone', async () => {
  const hours = hoursOf(await answer('complete', whole));
  // Half of the pods that came and went in the outage are lost: 3.5 of 72 hours.
  expect(sumOf(hours) / sumOf(truth)).toBeGreaterThan(0.96);
  expect(sumOf(hours) / sumOf(truth)).toBeLessThan(1.005);
  expect([...hours.keys()].sort()).toEqual([...truth.keys()].sort());
});

it('has the same hours of the first day of samples by the day and by the hour', async () => {
  const first = scenario.sampled.from * 1000;
  const hoursBy = async (interval: 'day' | 'hour') => {
    const target = { queryType: 'summary' as const, interval, columns: ['cpu_hours_total'] };
    const { rows } = await answer('complete', { from: first, to: first + dayMs - 1 }, target);
    return rows.reduce((sum, { cpu_hours_total: hours }) => sum + Number(hours), 0);
  };
  const byDay = await hoursBy('day');
  expect(byDay).toBeGreaterThan(10);
  expect(Math.abs((await hoursBy('hour')) / byDay - 1)).toBeLessThan(1e-6);
});

it('never calls hours without a scrape whole', async () => {
  const { completeness, rows } = await answer('complete', whole);
  const [cpu] = completeness;
  expect(cpu).toMatchObject({ source: 'usage-cpu', status: 'partial' });
  expect(cpu?.missing.map(({ from, to }) => ({ from, to }))).toEqual([
    { from: new Date(outage.from * 1000).toISOString(), to: new Date(outage.to * 1000 - 1).toISOString() },
  ]);
  expect(rows.every(({ completeness: status }) => status === 'partial')).toBe(true);
  const before = await answer('complete', { from: start, to: start + dayMs - 1 });
  expect(before.completeness[0]).toMatchObject({ status: 'ok' });
});

it('has a summary that is the sum of the breakdown', async () => {
  const dataSource = host.createDataSource({ servicesNamespace: 'complete' });
  const range = { from: start + 12_345_678, to: end - 7_654_321 };
  const summary = await answer('complete', range, { queryType: 'summary' }, dataSource);
  const breakdown = await answer('complete', range, { queryType: 'breakdown', groupBy: 'service' }, dataSource);
  const sum = breakdown.rows.reduce((total, { cpu_hours }) => total + Number(cpu_hours), 0);
  expect(Math.abs(sum / Number(summary.rows[0]?.cpu_hours_total) - 1)).toBeLessThan(1e-9);
  expect(sourceOf(summary, 'usage-gpu').status).toBe('missing');
  expect(summary.rows[0]?.gpu_hours_total).toBeNull();
});

/** Answers about retention serve for some seconds only, so that they may be asked for again. */
const requestsForHours = () =>
  host.requests.filter(({ parameters }) => parameters.get('query')?.includes('container_cpu'));

it('asks settled days once', async () => {
  const dataSource = host.createDataSource({ servicesNamespace: 'podded' });
  const first = await answer('podded', whole, undefined, dataSource);
  host.resetRequests();
  const range = { from: start, to: end - 1 };
  const target: OscarTarget = { queryType: 'metric', metric: 'cpu-hours', interval: 'day' };
  const again = await answer('podded', range, target, dataSource);
  expect(requestsForHours()).toEqual([]);
  const sum = again.rows.reduce((total, { value }) => total + Number(value), 0);
  expect(sum).toBeCloseTo(sumOf(hoursOf(first)), 6);
});

it.each(['complete', 'relabelled'])(
  'asks nothing about a settled range that begins later in the same hour, and gives the same hours: %s',
  async (namespace) => {
    const dataSource = host.createDataSource({ servicesNamespace: namespace });
    const from = start + 5 * hourMs + 7 * 60_000;
    await answer(namespace, { from, to: end - 1 }, undefined, dataSource);
    host.resetRequests();
    const moved = { from: from + 23 * 60_000 + 4567, to: end - 1 };
    const again = hoursOf(await answer(namespace, moved, undefined, dataSource));
    expect(requestsForHours()).toEqual([]);
    const afresh = hoursOf(await answer(namespace, moved));
    expect(sumOf(afresh)).toBeGreaterThan(0);
    expect([...again.keys()]).toEqual([...afresh.keys()]);
    for (const [service, hours] of afresh) {
      expect(again.get(service)).toBeCloseTo(hours, 9);
    }
  }
);

it('has no hours for a range without a whole minute, and says so', async () => {
  const { rows, completeness } = await answer('complete', { from: start + 1000, to: start + 40_000 });
  expect(rows.map(({ value }) => value).filter((value) => value !== null)).toEqual([]);
  expect(completeness[0]).toMatchObject({ source: 'usage-cpu', status: 'missing' });
  expect(completeness[0]?.notes.join()).toContain('in whole minutes');
});

it('goes from one scheme of labels to a better one inside the range, and says so', async () => {
  const { rows, completeness } = await answer('switched', whole);
  const total = rows.reduce((sum, { value }) => sum + Number(value), 0);
  // A counter that comes back under other labels is not counted from its birth once more: that would add weeks.
  expect(total / sumOf(truth)).toBeGreaterThan(0.7);
  expect(total / sumOf(truth)).toBeLessThan(1.1);
  expect(completeness[0]).toMatchObject({ status: 'partial' });
  expect(completeness[0]?.notes.join()).toMatch(/collapse|share one series/);
});
