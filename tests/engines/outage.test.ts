import { type UsageOptions } from '../../src/core/options';
import { type UsageQuery } from '../../src/core/query';
import { type Session } from '../../src/core/session';
import { type Core, openCore } from '../../stack/core/openCore';
import { shortWaits } from '../../stack/core/shortWaits';
import { type Engine, resolveBinaries, startLoki } from '../../stack/engines';
import { silentLog } from '../../stack/lib/progress';
import { type OpenStack } from '../../stack/openStack';
import { type Ingress, openIngress } from '../../stack/proxy/ingress';
import { expectedByUser, expectedSummary, type Range, type Truth } from '../../stack/traffic';
import { type Answer, askCore, lokiQueries, sourceOf } from './support/answers';
import { type CountedWindow, countedWindows, readTwice } from './support/countedWindows';
import { coveredRanges } from './support/coverage';
import { exactByService, exactByUser, exactSummary } from './support/expectedRows';
import { openScratch, type Scratch } from './support/scratch';
import { fixedTraffic, lastDays, openTraffic } from './support/traffic';

const usualLimits = {};
/** Small pages and short queries, so that it takes many requests whichever way the logs are read. */
const shortQueries = { max_entries_limit_per_query: 300, max_query_length: '24h' };
const traffic = { ...fixedTraffic, days: 20, lines: 6000, users: 100 };
const range = lastDays(traffic, 20);
const reports = [exactSummary, exactByService, exactByUser];
const targets: UsageQuery[] = reports.map(({ target }) => target);

/**
 * Requests to an engine that is gone, for all three reports: some at once, each repeated a few times. How long a person waits
 * for the answer follows from it.
 */
const maxInVain = 120;

let scratch: Scratch;
let stack: OpenStack;
let loki: Engine;
/** What the running Loki was started with; undefined while none runs. */
let lokiLimits: Record<string, unknown> | undefined = usualLimits;
/** Answers of Loki that a complete reading takes with short queries. */
let answersNeeded: number;
/** Hours of CPU of a summary and by service while both engines run. */
let cpuHours: { summary: unknown; byService: unknown[] };

beforeAll(async () => {
  scratch = await openScratch();
  stack = await openTraffic(scratch.directory, traffic);
  loki = stack.loki;
  const core = coreBehind(loki.url, stack.prometheus.url);
  const [summary, byService] = await askCore(core.open(), targets, range);
  cpuHours = hoursOf(summary, byService);
  expect(cpuHours.summary).toBeGreaterThan(0);
  await bringUpLoki(shortQueries);
  answersNeeded = await countAnswers();
  expect(answersNeeded).toBeGreaterThan(20);
});

afterAll(() => scratch?.close());

/** Without usage records, of which there are none: to look for them takes many of the short queries until today. */
const fromLogs = { recordsSelector: '' };

/** How long it waits before it asks again is not the matter here. */
function coreBehind(lokiUrl: string, prometheusUrl: string): Core {
  return openCore({ lokiUrl, prometheusUrl, retryPolicy: shortWaits });
}

/** Starts Loki on the same data at another address, unless it runs with these limits. */
async function bringUpLoki(limits: Record<string, unknown>): Promise<void> {
  if (lokiLimits === limits) {
    return;
  }
  await killLoki();
  const { loki: binary } = await resolveBinaries(silentLog);
  loki = await startLoki({ binary, dataDirectory: loki.dataDirectory, preferredPort: 0, limits });
  lokiLimits = limits;
}

function killLoki(): Promise<void> {
  lokiLimits = undefined;
  return loki.kill();
}

/** Answers of Loki that a complete reading takes. */
async function countAnswers(asked = targets, options: UsageOptions = fromLogs): Promise<number> {
  const proxy = await openIngress(loki.url, { isSteady: true });
  const core = coreBehind(proxy.url, stack.prometheus.url);
  await askCore(core.open(options), asked, range);
  await proxy.close();
  return core.log.requests.filter(({ engine }) => engine === 'loki').length;
}

/** Kills Loki after a share of so many answers; what is under way then breaks off. */
async function openDoomedProxy(allAnswers: number, percent: number) {
  let killed: Promise<void> | undefined;
  const proxy = await openIngress(() => loki.url, {
    isSteady: true,
    onAnswered(count) {
      if (count === Math.ceil((allAnswers * percent) / 100)) {
        proxy.cutOff();
        killed = killLoki();
      }
    },
  });
  return { proxy, killed: () => killed };
}

function requestsInVain({ log }: Core, engine: string): number {
  return log.requests.filter((request) => request.engine === engine && request.outcome !== 'ok').length;
}

function hoursOf(summary: Answer | undefined, byService: Answer | undefined): typeof cpuHours {
  return {
    summary: summary?.rows[0]?.cpu_hours_total,
    byService: (byService?.rows ?? [])
      .filter(({ cpu_hours: hours }) => Number(hours) > 0)
      .map((row) => [row.key, row.cpu_hours])
      .sort(),
  };
}

describe.each([15, 70])('when Loki is killed after %d % of its answers', (percent) => {
  let proxy: Ingress;
  let core: Core;
  let session: Session;
  let answers: Answer[];
  let readBefore: CountedWindow[];

  beforeAll(async () => {
    await bringUpLoki(shortQueries);
    const doomed = await openDoomedProxy(answersNeeded, percent);
    proxy = doomed.proxy;
    core = coreBehind(proxy.url, stack.prometheus.url);
    session = core.open(fromLogs);
    answers = await askCore(session, targets, range);
    expect(doomed.killed()).toBeDefined();
    await doomed.killed();
    readBefore = countedWindows(lokiQueries(core.log));
  });

  afterAll(() => proxy?.close());

  it('soon gives up and leaves nothing behind', () => {
    expect(requestsInVain(core, 'loki')).toBeLessThanOrEqual(maxInVain);
    expect(core.log.inFlight).toBe(0);
  });

  it('says so in the meta data, the column and a notice', () => {
    const flaggedOf = ({ completeness }: Answer) =>
      completeness.filter(({ source, status }) => source.endsWith('request-logs') && status !== 'ok');
    expect(flaggedOf(answers[0] as Answer)).not.toEqual([]);
    for (const answer of answers) {
      for (const { source, status } of flaggedOf(answer)) {
        const line = `${source.replaceAll('-', ' ')}${status === 'missing' ? ' missing' : ''}:`;
        expect(answer.warnings.join('\n').toLowerCase()).toContain(line);
        expect(answer.rows.map(({ completeness }) => completeness)).not.toContain('ok');
      }
    }
  });

  it('counts exactly what it says to cover', () => {
    const [summary, byService, byUser] = answers as [Answer, Answer, Answer];
    const requests = sourceOf(summary, 'request-logs');
    const exposed = sourceOf(summary, 'exposed-request-logs');
    expectSummary(summary, sumOver(coveredRanges(requests, range)), 'requests_count_total', requests.status);
    expectSummary(summary, sumOver(coveredRanges(exposed, range)), 'requests_count_exposed', exposed.status);
    const inSummary = Number(summary.rows[0]?.requests_count_total);
    // Else the comparison says nothing.
    expect([requests.status, exposed.status]).toContain('partial');
    expect(sumOf(byService, 'requests_count_total')).toBe(inSummary);
    const users = new Map<unknown, number>();
    for (const covered of coveredRanges(requests, range)) {
      for (const { key, executions_count: count } of expectedByUser(stack.truth, covered)) {
        users.set(key, (users.get(key) ?? 0) + count);
      }
    }
    expect(new Map(byUser.rows.map((row) => [row.key, row.executions_count]))).toEqual(users);
  });

  it('keeps what Prometheus delivered', () => {
    expect(hoursOf(answers[0], answers[1])).toEqual(cpuHours);
    expect(sourceOf(answers[0] as Answer, 'usage-cpu').status).toBe('ok');
  });

  it('is exact again once Loki is back, in the same session', async () => {
    await bringUpLoki(shortQueries);
    proxy.restore();
    core.log.reset();
    expectTruth(await askCore(session, targets, range), stack.truth, range);

    // What was read before the outage is not read again, and nothing is left to read afterwards.
    expect(readBefore.length).toBeGreaterThan(0);
    expect(readTwice([...readBefore, ...countedWindows(lokiQueries(core.log))])).toEqual([]);
    core.log.reset();
    await askCore(session, targets, range);
    expect(lokiQueries(core.log)).toEqual([]);
  });
});

it.each([60])(
  'is exact or flagged where Loki is killed after %d % of many days at once, and exact again',
  async (percent) => {
    await bringUpLoki(usualLimits);
    const { proxy, killed } = await openDoomedProxy(await countAnswers(targets.slice(0, 1), {}), percent);
    const session = coreBehind(proxy.url, stack.prometheus.url).open();
    const [summary] = (await askCore(session, targets.slice(0, 1), range)) as [Answer];
    await killed();
    const statuses = (['request-logs', 'exposed-request-logs'] as const).map((name, index) => {
      const source = sourceOf(summary, name);
      const column = index === 0 ? 'requests_count_total' : 'requests_count_exposed';
      expectSummary(summary, sumOver(coveredRanges(source, range)), column, source.status);
      return source.status;
    });
    expect(statuses.some((status) => status !== 'ok')).toBe(true);
    await bringUpLoki(usualLimits);
    proxy.restore();
    expectTruth(await askCore(session, targets, range), stack.truth, range);
    await proxy.close();
  }
);

it('counts requests exactly without Prometheus, and says what is missing', async () => {
  // Another program may take the port of one that was killed.
  const proxy = await openIngress(stack.prometheus.url);
  const core = coreBehind(loki.url, proxy.url);
  proxy.cutOff();
  await stack.prometheus.kill();
  const answers = await askCore(core.open(), targets, range);
  expect(requestsInVain(core, 'prometheus')).toBeLessThanOrEqual(maxInVain);
  const [summary, byService] = answers as [Answer, Answer];
  expect(summary.rows[0]).toMatchObject({
    cpu_hours_total: null,
    gpu_hours_total: null,
    services_count_active: null,
    completeness: 'missing',
  });
  const { requests_count_total, requests_count_exposed, users, countries } = expectedSummary(stack.truth, range);
  expect(summary.rows[0]).toMatchObject({ requests_count_total, requests_count_exposed, users, countries });
  expect(byService.rows.filter(({ cpu_hours: hours }) => hours !== null)).toEqual([]);
  expect(sourceOf(summary, 'request-logs').status).toBe('ok');
  expect(sourceOf(summary, 'usage-cpu').status).toBe('missing');
  expect(summary.warnings.join('\n')).toMatch(/cpu/i);
  expect(exactByUser.differences(answers[2] as Answer, stack.truth, range)).toEqual([]);
  await proxy.close();
});

function expectTruth(answers: readonly Answer[], truth: Truth, whole: Range): void {
  const differences = reports.flatMap((report, index) => report.differences(answers[index] as Answer, truth, whole));
  expect(differences).toEqual([]);
}

type Count = 'requests_count_total' | 'requests_count_exposed';

function sumOver(ranges: readonly Range[]): Record<Count, number> {
  // Hours of use are known by the hour only, and what was read may end at any time.
  const parts = ranges.map((part) => expectedSummary({ ...stack.truth, hasUsage: false }, part));
  const sum = (column: Count) => parts.reduce((total, part) => total + part[column], 0);
  return { requests_count_total: sum('requests_count_total'), requests_count_exposed: sum('requests_count_exposed') };
}

function expectSummary({ rows: [row] }: Answer, covered: Record<Count, number>, column: Count, status: string): void {
  expect(row?.[column]).toBe(status === 'missing' ? null : covered[column]);
}

function sumOf({ rows }: Answer, column: string): number {
  return rows.reduce((sum, row) => sum + Number(row[column]), 0);
}
