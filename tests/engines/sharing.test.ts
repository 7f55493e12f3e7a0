import { setTimeout as sleep } from 'node:timers/promises';

import { type DataQueryResponse } from '@grafana/data';
import { lastValueFrom, type Subscription, toArray } from 'rxjs';

import { dayMs, minuteMs } from '../../src/core/domain/duration';
import { createHost, type Host } from '../../stack/host';
import { type OpenStack } from '../../stack/openStack';
import { type Ingress, openIngress } from '../../stack/proxy/ingress';
import { createParameters, expectedByUser } from '../../stack/traffic';
import { answersOf, ask, type DataSource, lokiQueries, type OscarTarget, over } from './support/answers';
import { type Clock, holdClock } from './support/clock';
import { countedWindows, readTwice } from './support/countedWindows';
import { openScratch, type Scratch } from './support/scratch';
import { fixedTraffic, openTraffic } from './support/traffic';

// Up to the present, because what is still open is the point here.
const traffic = createParameters({ ...fixedTraffic, days: 10, lines: 4000, users: 100, end: undefined });

const summary: OscarTarget = { queryType: 'summary' };

/** The panels of a dashboard. */
const panels: readonly OscarTarget[] = [
  summary,
  { queryType: 'summary', includeUsers: true },
  { queryType: 'metric' },
  { queryType: 'metric', metric: 'requests-per-user' },
  { queryType: 'metric', metric: 'countries-list' },
  { queryType: 'breakdown', groupBy: 'service' },
  { queryType: 'breakdown', groupBy: 'user' },
  { queryType: 'breakdown', groupBy: 'country' },
  { queryType: 'country' },
  { queryType: 'membership' },
  { queryType: 'breakdown', groupBy: 'user', interval: 'week' },
  { queryType: 'country', interval: 'day' },
];

let scratch: Scratch;
let stack: OpenStack;
let proxy: Ingress;
let host: Host;
let clock: Clock;

beforeAll(async () => {
  scratch = await openScratch();
  stack = await openTraffic(scratch.directory, traffic);
  proxy = await openIngress(stack.loki.url, { isSteady: true });
  host = await createHost({ lokiUrl: proxy.url, prometheusUrl: stack.prometheus.url });
});

afterAll(async () => {
  await proxy?.close();
  await scratch?.close();
});

beforeEach(() => {
  host.resetRequests();
  clock = holdClock();
});

afterEach(() => clock.release());

/** The last nine days, up to a whole minute. */
function rangeUntil(minutesAgo: number) {
  const to = Math.floor(Date.now() / minuteMs - minutesAgo) * minuteMs;
  return { from: to - 9 * dayMs, to };
}

/** All panels at the same time, each with a query of its own. */
function openDashboard(dataSource: DataSource, range: ReturnType<typeof rangeUntil>) {
  return Promise.all(panels.map((target) => ask(host, dataSource, [target], over(range))));
}

type Dashboard = Awaited<ReturnType<typeof openDashboard>>;

/** A user whose only request reaches Loki while a test runs, so that the truth does not know it. */
const lateUser = 'late@example.org';

function executionsByUser(dashboard: Dashboard): Array<[unknown, unknown]> {
  return (dashboard[6]?.[0]?.rows ?? []).map((row) => [row.key, row.executions_count]);
}

function expectTruthByUser(dashboard: Dashboard, range: { from: number; to: number }): void {
  const expected = expectedByUser(stack.truth, range).map(({ key, executions_count: count }) => [key, count]);
  expect(executionsByUser(dashboard).filter(([user]) => user !== lateUser)).toEqual(expected);
}

async function pushLateRequest(time: number): Promise<void> {
  const line = `[GIN-EXECUTIONS-LOGGER] 2026-01-01T00:00:00Z | 200 | 12ms | 10.0.0.1 | POST    /run/cowsay | ${lateUser}`;
  const stream = { stream: { namespace: 'oscar', app: 'oscar' }, values: [[`${time}000000`, line]] };
  const response = await fetch(`${stack.loki.url}/loki/api/v1/push`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ streams: [stream] }),
  });
  expect(response.status).toBe(204);
}

it('reads the logs once for all panels of a dashboard', async () => {
  const range = rangeUntil(2);
  await ask(host, host.createDataSource(), [summary], over(range));
  const alone = lokiQueries(host).length;
  expect(alone).toBeGreaterThan(10);

  host.resetRequests();
  expectTruthByUser(await openDashboard(host.createDataSource(), range), range);
  // What is learned about the lines depends on the order of the answers: some requests more or fewer, no line twice.
  expect(Math.abs(lokiQueries(host).length - alone)).toBeLessThan(alone / 8);
  const windows = countedWindows(lokiQueries(host));
  expect(windows.length).toBeGreaterThan(3);
  expect(readTwice(windows)).toEqual([]);
  expect(host.peakInFlight).toBeLessThanOrEqual(3);
});

it('asks nothing for a panel that starts a moment after another one was answered', async () => {
  const range = rangeUntil(2);
  // A moment is that of the plugin's clock, however long the machine takes.
  const clock = jest.spyOn(Date, 'now').mockReturnValue(Date.now());
  const dataSource = host.createDataSource();
  await ask(host, dataSource, [summary], over(range));
  host.resetRequests();
  const [byService] = await ask(host, dataSource, [{ queryType: 'breakdown', groupBy: 'service' }], over(range));
  clock.mockRestore();
  expect(byService?.rows.length).toBeGreaterThan(1);
  expect(host.requests.map(({ engine, path }) => `${engine} ${path}`)).toEqual([]);
});

it('reads only what has changed when the dashboard is refreshed a minute later', async () => {
  const dataSource = host.createDataSource();
  const range = rangeUntil(1);
  expectTruthByUser(await openDashboard(dataSource, range), range);
  const first = lokiQueries(host).length;
  const newRange = { from: range.from + minuteMs, to: range.to + minuteMs };
  // Within both ranges, but logged too late for the first one.
  await pushLateRequest(range.to - minuteMs / 2);
  // Longer than the panels of one refresh share a reading.
  clock.move(3000);

  host.resetRequests();
  const dashboard = await openDashboard(dataSource, newRange);
  expectTruthByUser(dashboard, newRange);
  expect(executionsByUser(dashboard)).toContainEqual([lateUser, 1]);
  // Two families of lines; of each the beginning, the open end, and what has become settled in between.
  expect(lokiQueries(host).length).toBeLessThanOrEqual(10);
  expect(lokiQueries(host).length).toBeLessThan(first / 2);
});

it('shows flagged packets of one and the same reading while Loki is slow, and the truth in the end', async () => {
  const slowProxy = await openIngress(stack.loki.url, { latencyMs: 400, isSteady: true });
  const slow = await createHost({ lokiUrl: slowProxy.url, prometheusUrl: stack.prometheus.url });
  const range = rangeUntil(2);
  const dataSource = slow.createDataSource();
  const packets = await Promise.all(
    panels.map((target) => lastValueFrom(slow.query(dataSource, target, over(range)).pipe(toArray())))
  );
  await slowProxy.close();

  for (const [index, ofPanel] of packets.entries()) {
    const states = ofPanel.map(({ state }) => state);
    expect(states.length).toBeGreaterThan(1);
    expect(states.slice(0, -1).every((state) => state === 'Loading')).toBe(true);
    expect(states[states.length - 1]).toBe('Done');
    expect(new Set(ofPanel.map(({ key }) => key)).size).toBe(1);
    for (const packet of ofPanel.slice(0, -1)) {
      const [answer] = answersOf({ response: packet, error: undefined, thrown: false, packets: 1 }, 1);
      expect(answer?.warnings.join()).toContain('still loading');
      // Hours of CPU and periods that were read already are exact by then.
      const doubtful = index === 2 || panels[index]?.interval ? [] : answer?.rows;
      expect(doubtful?.filter(({ completeness }) => completeness === 'ok')).toEqual([]);
    }
  }
  const last = packets[6]?.[packets[6].length - 1];
  const rows = answersOf({ response: last as DataQueryResponse, error: undefined, thrown: false, packets: 1 }, 1)[0]
    ?.rows;
  const expected = expectedByUser(stack.truth, range).map(({ key, executions_count: count }) => [key, count]);
  expect(rows?.map(({ key, executions_count: count }) => [key, count]).filter(([user]) => user !== lateUser)).toEqual(
    expected
  );
  // No panel reads for itself.
  const asked = lokiQueries(slow).map(({ parameters }) => parameters.toString());
  expect(new Set(asked).size).toBe(asked.length);
});

describe('a dashboard that is left', () => {
  function open(dataSource: DataSource): Subscription[] {
    const options = over(rangeUntil(0));
    return panels.map((target) => host.query(dataSource, target, options).subscribe());
  }

  async function expectSilence(): Promise<void> {
    // A request whose answer is on its way can't be called back; it ends by itself.
    while (host.inFlight > 0) {
      await sleep(20);
    }
    const sent = host.requests.length;
    await sleep(400);
    expect(host.requests.length).toBe(sent);
  }

  it('stops at once, and works when it is opened again', async () => {
    const dataSource = host.createDataSource();
    const subscriptions = open(dataSource);
    while (host.inFlight === 0) {
      await sleep(1);
    }
    subscriptions.forEach((subscription) => subscription.unsubscribe());
    await expectSilence();

    const range = rangeUntil(0);
    expectTruthByUser(await openDashboard(dataSource, range), range);
  });

  it('leaves nothing behind when it is opened and left ten times', async () => {
    const dataSource = host.createDataSource();
    for (let round = 0; round < 10; round += 1) {
      const subscriptions = open(dataSource);
      // Different moments each time, also before the first request and in another order.
      await sleep(round * 17);
      const order = round % 2 === 0 ? subscriptions : subscriptions.reverse();
      for (const subscription of order) {
        subscription.unsubscribe();
        await sleep(round % 3);
      }
    }
    await expectSilence();

    const range = rangeUntil(0);
    expectTruthByUser(await openDashboard(dataSource, range), range);
  });
});
