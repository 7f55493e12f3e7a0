import { execFile } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { dayMs } from '../../src/core/domain/duration';
import { type Scheme, writeSamples } from '../../stack/accuracy/samples';
import { createScenario } from '../../stack/accuracy/scenario';
import {
  type Binaries,
  type Engine,
  resolveBinaries,
  resolveVictoriaMetrics,
  startPrometheus,
  startVictoriaMetrics,
  tsdbDirectoryOf,
} from '../../stack/engines';
import { createHost, type Host } from '../../stack/host';
import { createStages, silentLog } from '../../stack/lib/progress';
import { createParameters, type Range, seedStack } from '../../stack/traffic';
import { type Answer, ask, over, sourceOf } from './support/answers';
import { copySamples } from './support/sameSamples';
import { openLoki, openScratch, type Scratch } from './support/scratch';
import { lastDays } from './support/traffic';

/** What hours may differ by, as a fraction: nothing but the order in which floats are added. */
const tolerance = 1e-9;
/** Services with less say nothing about an engine. */
const minHours = 1;

/** Scraped every two minutes, with everything that kube-state-metrics and DCGM tell, and jobs on GPUs. */
const traffic = createParameters({
  days: 4,
  lines: 4000,
  services: 20,
  users: 40,
  countries: 8,
  seed: 11,
  end: Date.parse('2026-02-12T00:00:00Z'),
});

/** Schemes of labels that the traffic does not have, each in a namespace of its own. */
const complete: Scheme = { namespace: 'complete', relabelled: false, labels: true, lifetimes: true };
const podded: Scheme = { namespace: 'podded', relabelled: false, labels: false, lifetimes: false };
const relabelled: Scheme = { namespace: 'relabelled', relabelled: true, labels: false, lifetimes: false };

/** Pods with resets, restarts and gaps, at either scrape interval for which the queries differ. */
const clusters = [
  { start: Date.parse('2026-03-02T00:00:00Z'), scrapeSeconds: 30 },
  { start: Date.parse('2026-03-16T00:00:00Z'), scrapeSeconds: 120 },
];
const dayOf = (cluster: number): Range => {
  const { start } = clusters[cluster]!;
  return { from: start, to: start + dayMs };
};

interface Place {
  name: string;
  servicesNamespace: string;
  range: Range;
}

const wholeTraffic: Place = { name: 'traffic', servicesNamespace: 'oscar-svc', range: lastDays(traffic, 4) };
const places: readonly Place[] = [
  wholeTraffic,
  {
    ...wholeTraffic,
    name: 'traffic, cut within days',
    range: { from: traffic.end - 3.3 * dayMs + 12_345, to: traffic.end - 0.6 * dayMs },
  },
  { name: 'lifetimes, 30 s', servicesNamespace: 'complete', range: dayOf(0) },
  { name: 'lifetimes, 120 s', servicesNamespace: 'complete', range: dayOf(1) },
  { name: 'names of pods, 30 s', servicesNamespace: 'podded', range: dayOf(0) },
  { name: 'names of pods, 120 s', servicesNamespace: 'podded', range: dayOf(1) },
];

let scratch: Scratch;
let binaries: Binaries;
let loki: Engine;
let prometheus: Engine;
let victoriaMetrics: Engine;
let reference: Host;
let other: Host;

async function fillPrometheus(tsdb: string): Promise<void> {
  const { promtool } = binaries;
  const directory = scratch.directory;
  const stages = createStages(silentLog);
  await seedStack({ lokiUrl: loki.url, parameters: traffic, directory, stages, promtool, tsdbDirectory: tsdb });
  for (const { start, scrapeSeconds } of clusters) {
    const scenario = createScenario({ from: start / 1000, days: 1, jobsPerDay: 200, seed: 5 });
    const file = join(directory, `${scrapeSeconds}.om`);
    writeSamples(file, scenario, scrapeSeconds, [complete, podded, relabelled]);
    const command = ['tsdb', 'create-blocks-from', 'openmetrics', '--quiet', '--max-block-duration=162h'];
    await promisify(execFile)(promtool, [...command, file, tsdb]);
  }
}

async function openVictoriaMetrics(): Promise<void> {
  const binary = await resolveVictoriaMetrics(silentLog);
  const dataDirectory = join(scratch.directory, 'victoria-metrics');
  victoriaMetrics = await startVictoriaMetrics({ binary, dataDirectory, preferredPort: 0 });
  other = await createHost({ prometheusUrl: victoriaMetrics.url, lokiUrl: loki.url });
}

beforeAll(async () => {
  scratch = await openScratch();
  binaries = await resolveBinaries(silentLog);
  loki = await openLoki(scratch.directory);
  const dataDirectory = join(scratch.directory, 'prometheus');
  const tsdb = tsdbDirectoryOf(dataDirectory);
  mkdirSync(tsdb, { recursive: true });
  await fillPrometheus(tsdb);
  prometheus = await startPrometheus({ binary: binaries.prometheus, dataDirectory, preferredPort: 0 });
  reference = await createHost({ prometheusUrl: prometheus.url, lokiUrl: loki.url });
  await openVictoriaMetrics();
  expect(await copySamples(binaries.promtool, tsdb, victoriaMetrics.url)).toBeGreaterThan(100_000);
});

afterAll(() => scratch?.close());

interface Reading {
  summary: Answer;
  breakdown: Answer;
  services: Answer;
}

/** Asks the built plugin, and throws when the engine did not answer one of its queries. */
async function read(host: Host, { servicesNamespace, range }: Place): Promise<Reading> {
  host.resetRequests();
  const dataSource = host.createDataSource({ servicesNamespace });
  const [summary, breakdown, services] = await ask(
    host,
    dataSource,
    [{ queryType: 'summary' }, { queryType: 'breakdown', groupBy: 'service' }, { queryType: 'services' }],
    over(range)
  );
  const queries = host.requests.filter(({ path }) => /^api\/v1\/query(_range)?$/.test(path));
  expect(queries.length).toBeGreaterThan(5);
  expect(queries.filter(({ status }) => status !== 200).map(({ parameters }) => parameters.get('query'))).toEqual([]);
  if (!summary || !breakdown || !services) {
    throw new Error('an answer is not there');
  }
  return { summary, breakdown, services };
}

async function readBoth(place: Place): Promise<{ expected: Reading; actual: Reading }> {
  return { expected: await read(reference, place), actual: await read(other, place) };
}

/** A column of the services with enough hours, and its total, by name. */
function hoursOf({ summary, breakdown, services }: Reading, column: 'cpu_hours' | 'gpu_hours'): Map<string, number> {
  const entries = [
    ...breakdown.rows.map((row) => [`breakdown ${String(row.key)}`, Number(row[column])] as const),
    ...services.rows.map((row) => [`services ${String(row.service)}`, Number(row[column])] as const),
    ['summary', Number(summary.rows[0]?.[`${column}_total`])] as const,
  ];
  return new Map(entries.filter(([, hours]) => hours > minHours));
}

type Hours = ReadonlyMap<string, number>;

/** Where two engines differ by more than the tolerance, as sentences. */
function differences(expected: Hours, actual: Hours): string[] {
  return [...expected].flatMap(([name, hours]) => {
    const found = actual.get(name) ?? 0;
    return Math.abs(found / hours - 1) <= tolerance ? [] : [`${name}: ${found} instead of ${hours} hours`];
  });
}

/** By how much VictoriaMetrics lies above Prometheus in a column of the summary, in percent. */
function percentOf({ expected, actual }: { expected: Reading; actual: Reading }, column: string): number {
  return (Number(actual.summary.rows[0]?.[column]) / Number(expected.summary.rows[0]?.[column]) - 1) * 100;
}

/** What is said of each source, without the notes, which hold figures of GPU hours. */
function coverageOf({ summary, breakdown, services }: Reading) {
  return [summary, breakdown, services].map(({ completeness }) =>
    completeness.map(({ source, status, coverage_percent, missing }) => ({ source, status, coverage_percent, missing }))
  );
}

it.each(places)('gives the CPU hours of Prometheus: $name', async (place) => {
  const { expected, actual } = await readBoth(place);
  const hours = hoursOf(expected, 'cpu_hours');
  expect(hours.size).toBeGreaterThan(20);
  expect(differences(hours, hoursOf(actual, 'cpu_hours'))).toEqual([]);
  expect(coverageOf(actual)).toEqual(coverageOf(expected));
  expect(sourceOf(actual.summary, 'usage-cpu').notes).toEqual(sourceOf(expected.summary, 'usage-cpu').notes);
});

it.each([
  { cluster: 0, percent: -0.737 },
  { cluster: 1, percent: -0.845 },
])('differs by $percent % where pods share a series, which both call partial', async ({ cluster, percent }) => {
  const both = await readBoth({ name: 'relabelled', servicesNamespace: 'relabelled', range: dayOf(cluster) });
  expect(coverageOf(both.actual)).toEqual(coverageOf(both.expected));
  expect(sourceOf(both.actual.summary, 'usage-cpu').status).toBe('partial');
  // VictoriaMetrics does not extrapolate an increase to the ends of its range.
  expect(percentOf(both, 'cpu_hours_total')).toBeCloseTo(percent, 2);
});

it('gives the GPU hours of Prometheus, of both kinds', async () => {
  const both = await readBoth(wholeTraffic);
  const hours = hoursOf(both.expected, 'gpu_hours');
  // Two services in two answers, and the total.
  expect(hours.size).toBe(5);
  expect(differences(hours, hoursOf(both.actual, 'gpu_hours'))).toEqual([]);
  expect(sourceOf(both.actual.summary, 'usage-gpu').status).toBe('ok');
  expect(percentOf(both, 'gpu_hours_allocated')).toBeCloseTo(0, 6);
  expect(percentOf(both, 'gpu_hours_active')).toBeCloseTo(0, 6);
});
