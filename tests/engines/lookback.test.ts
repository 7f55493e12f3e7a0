import { dayMs, hourMs } from '../../src/core/domain/duration';
import { createHost, type Host, type QueryResult } from '../../stack/host';
import { createParameters, expectedSummary, type Truth } from '../../stack/traffic';
import { answersOf, lokiQueries, over, sourceOf } from './support/answers';
import { openCopies, openScratch, type Scratch } from './support/scratch';
import { fixedTraffic, openTraffic } from './support/traffic';

// Up to the present, because a look-back is counted from there.
const traffic = createParameters({ ...fixedTraffic, days: 30, lines: 6000, users: 50, end: undefined });
const to = Math.floor(traffic.end / dayMs) * dayMs;
const range = { from: to - 24 * dayMs, to };
const byDay = { queryType: 'summary', interval: 'day' } as const;

const lookBack = { max_query_lookback: '10d' };
/** Limits within which everything can be read. */
const passable = [{ max_query_bytes_read: '300KB' }, { max_querier_bytes_read: '300KB' }, { max_query_range: '36h' }];
const impassable = { max_query_bytes_read: '1B' };
const allLimits = [lookBack, ...passable, impassable];

let scratch: Scratch;
let truth: Truth;
/** A host for each of the limits, behind which a Loki of its own has the same lines. */
const hosts = new Map<unknown, Host>();

beforeAll(async () => {
  scratch = await openScratch();
  const stack = await openTraffic(scratch.directory, traffic, { withMetrics: false });
  truth = stack.truth;
  const copies = await openCopies(stack.loki, allLimits);
  for (const [index, { url }] of copies.entries()) {
    hosts.set(allLimits[index], await createHost({ lokiUrl: url }));
  }
});

afterAll(() => scratch?.close());

/** Asks the Loki with these limits by day, and no Prometheus. */
async function askByDay(limits: object): Promise<{ host: Host; result: QueryResult }> {
  const host = hosts.get(limits);
  if (!host) {
    throw new Error('no host with these limits');
  }
  const dataSource = host.createDataSource({ prometheusUid: '' });
  return { host, result: await host.queryOnce(dataSource, byDay, over(range)) };
}

it('reads what the look-back allows, and says of the rest why it is missing', async () => {
  const edge = Date.now() - 10 * dayMs;
  const { host, result } = await askByDay(lookBack);
  const [answer] = answersOf(result, 1);
  const rows = answer?.rows ?? [];
  expect(rows).toHaveLength(24);
  rows.forEach(({ requests_count_total: counted }, index) => {
    const day = { from: range.from + index * dayMs, to: range.from + (index + 1) * dayMs };
    if (day.to <= edge) {
      expect(counted).toBeNull();
    } else if (day.from >= edge + 2 * hourMs) {
      expect(counted).toBe(expectedSummary(truth, day).requests_count_total);
    }
  });
  const logs = answer && sourceOf(answer, 'request-logs');
  expect(logs?.status).toBe('partial');
  expect(logs?.notes.join('; ')).toMatch(/last 10 days \(max_query_lookback\)/);
  // No more than for a range that may be asked for as a whole: 24 days take some requests.
  expect(lokiQueries(host).length).toBeLessThan(40);
});

it.each(passable)('gives the truth within %j', async (limits) => {
  const { result } = await askByDay(limits);
  const [answer] = answersOf(result, 1);
  const logs = answer && sourceOf(answer, 'request-logs');
  expect({ status: logs?.status, notes: logs?.notes }).toEqual({ status: 'ok', notes: [] });
  answer?.rows.forEach(({ requests_count_total: counted }, index) => {
    const day = { from: range.from + index * dayMs, to: range.from + (index + 1) * dayMs };
    expect(counted).toBe(expectedSummary(truth, day).requests_count_total);
  });
});

it('gives up in few requests where a limit lets nothing be read', async () => {
  const { host, result } = await askByDay(impassable);
  const { response } = result;
  expect(JSON.stringify(response.errors ?? response.data[0]?.meta?.notices)).toMatch(/too many bytes/);
  expect(lokiQueries(host).length).toBeLessThan(100);
});
