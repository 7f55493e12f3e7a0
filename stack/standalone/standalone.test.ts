import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { build } from 'esbuild';

import { type Answer } from '../../src/core/answer';
import { hourMs } from '../../src/core/domain/duration';
import { epoch, type KnownEntry, managerLine } from '../../src/testing/arbitraries';
import { repositoryRoot } from '../lib/repository';
import { type Request } from './program';
import { serveUpstreams } from './upstreams';

const days = 3;
const range = { start: epoch, end: epoch + days * 24 * hourMs };

const entry = (hour: number, service: string, user: string, country: string): KnownEntry => {
  const meaning = { type: hour % 2 === 0 ? 'sync' : 'async', service, user, country, outcome: 'succeeded' } as const;
  return {
    time: BigInt(epoch + hour * hourMs + 7) * 1_000_000n,
    labels: { geoip_country_code: country },
    line: managerLine(meaning, 'seconds'),
    meaning,
  };
};

/** One request in each hour of the range, and as many before and after it. */
const entries = Array.from({ length: 3 * days * 24 }, (_, index) => {
  const hour = index - days * 24;
  return entry(hour, `service-${index % 4}`, `user-${index % 5}`, ['ES', 'US', 'DE'][index % 3] ?? '');
});

let directory: string;
let inputs: string[];

beforeAll(async () => {
  // Outside of the repository, so that nothing but the bundle is found.
  directory = mkdtempSync(join(tmpdir(), 'oscar-metrics-standalone-'));
  const { metafile } = await build({
    absWorkingDir: repositoryRoot,
    entryPoints: ['stack/standalone/program.ts'],
    outfile: join(directory, 'program.cjs'),
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'cjs',
    metafile: true,
    logLevel: 'silent',
  });
  inputs = Object.keys(metafile.inputs);
});

afterAll(() => {
  rmSync(directory, { recursive: true, force: true });
});

async function run(request: Request): Promise<Extract<Answer, { kind: 'table' }>> {
  const { stdout } = await promisify(execFile)(process.execPath, ['program.cjs', JSON.stringify(request)], {
    cwd: directory,
    env: { PATH: process.env.PATH, TZ: 'UTC' },
  });
  const answer = JSON.parse(stdout) as Answer;
  if (answer.kind !== 'table') {
    throw new Error(`it answered ${stdout.slice(0, 500)}`);
  }
  return answer;
}

const rowOf = ({ table: { columns } }: Awaited<ReturnType<typeof run>>, index = 0) =>
  Object.fromEntries(columns.map(({ name, values }) => [name, values[index]]));

it('has nothing of Grafana, of React or of a page in it', () => {
  expect(inputs.length).toBeGreaterThan(100);
  expect(inputs.filter((path) => /node_modules\/(?:@grafana|@emotion|react)|src\/grafana|\.tsx$/.test(path))).toEqual(
    []
  );
});

it('answers in an empty folder, with the figures of what the upstreams hold', async () => {
  const upstreams = await serveUpstreams(entries, { metric: 'hours_of_a_window', service: 'service-1', hours: 1.25 });
  const endpoints = {
    loki: { url: upstreams.lokiUrl, headers: { Authorization: 'Bearer of the test' } },
    prometheus: { url: upstreams.prometheusUrl },
  };
  const options = { exposedSelector: '', cpuQuery: 'hours_of_a_window{of="{{range}}"}' };
  try {
    const answer = await run({ endpoints, options, range, zone: 'utc', query: { queryType: 'summary' } });
    const inRange = entries.filter(
      ({ time }) => time >= BigInt(range.start) * 1_000_000n && time < BigInt(range.end) * 1_000_000n
    );
    const distinct = (key: 'service' | 'user' | 'country') =>
      new Set(inRange.map(({ meaning }) => meaning?.[key])).size;
    expect(rowOf(answer)).toMatchObject({
      requests_count_total: days * 24,
      requests_count_sync: days * 12,
      requests_count_async: days * 12,
      requests_count_exposed: null,
      users_count: distinct('user'),
      countries_count: distinct('country'),
      cpu_hours_total: days * 1.25,
      gpu_hours_total: null,
    });
    const statuses = Object.fromEntries(answer.completeness.map(({ source, status }) => [source, status]));
    expect(statuses).toMatchObject({ 'request-logs': 'ok', 'usage-gpu': 'missing', 'service-inventory': 'missing' });
    expect(upstreams.headers.some(({ authorization }) => authorization === 'Bearer of the test')).toBe(true);
    const byService = await run({
      endpoints,
      options,
      range,
      zone: 'utc',
      query: { queryType: 'breakdown', groupBy: 'service' },
    });
    const services = byService.table.columns.find(({ name }) => name === 'key')?.values;
    expect(new Set(services)).toEqual(new Set(['service-0', 'service-1', 'service-2', 'service-3']));
  } finally {
    upstreams.close();
  }
});

it('flags what it has no way to', async () => {
  const answer = await run({
    endpoints: {},
    options: {},
    range,
    zone: 'Mars/Olympus',
    query: { queryType: 'completeness' },
  });
  const notes = answer.completeness.find(({ source }) => source === 'request-logs')?.notes;
  expect(notes).toEqual(['no address of a Loki is given']);
  expect(answer.notices[0]?.text).toMatch(/Mars\/Olympus.*UTC/);
});
