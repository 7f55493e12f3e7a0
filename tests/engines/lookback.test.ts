import { dayMs, hourMs } from '../../src/core/domain/duration';
import { resolveBinaries, startLoki } from '../../stack/engines';
import { createHost, type Host } from '../../stack/host';
import { silentLog } from '../../stack/lib/progress';
import { createParameters, expectedSummary, type Truth } from '../../stack/traffic';
import { ask, lokiQueries, over, sourceOf } from './support/answers';
import { openScratch, type Scratch } from './support/scratch';
import { fixedTraffic, openTraffic } from './support/traffic';

// Up to the present, because a look-back is counted from there.
const traffic = createParameters({ ...fixedTraffic, days: 30, lines: 6000, users: 50, end: undefined });
const to = Math.floor(traffic.end / dayMs) * dayMs;
const range = { from: to - 24 * dayMs, to };
const byDay = { queryType: 'summary', interval: 'day' } as const;

let scratch: Scratch;
let truth: Truth;
let dataDirectory: string;
let prometheusUrl: string;

beforeAll(async () => {
  scratch = await openScratch();
  const stack = await openTraffic(scratch.directory, traffic);
  truth = stack.truth;
  prometheusUrl = stack.prometheus.url;
  dataDirectory = stack.loki.dataDirectory;
  await stack.loki.stop();
});

afterAll(() => scratch?.close());

/** A host whose Loki has these limits; the one before it is stopped. */
let running: { stop(): Promise<void> } | undefined;
async function hostWith(limits: Record<string, unknown>): Promise<Host> {
  const { loki: binary } = await resolveBinaries(silentLog);
  const loki = await startLoki({ binary, dataDirectory, preferredPort: 0, limits });
  running = loki;
  return createHost({ lokiUrl: loki.url, prometheusUrl });
}

afterEach(async () => {
  await running?.stop();
  running = undefined;
});

it('reads what the look-back allows, and says of the rest why it is missing', async () => {
  const host = await hostWith({ max_query_lookback: '10d' });
  const edge = Date.now() - 10 * dayMs;
  const [answer] = await ask(host, host.createDataSource(), [byDay], over(range));
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

it.each([
  ['max_query_bytes_read', '300KB'],
  ['max_querier_bytes_read', '300KB'],
  ['max_query_range', '36h'],
])('gives the truth where %s is %s', async (name, value) => {
  const host = await hostWith({ [name]: value });
  const [answer] = await ask(host, host.createDataSource(), [byDay], over(range));
  const logs = answer && sourceOf(answer, 'request-logs');
  expect({ status: logs?.status, notes: logs?.notes }).toEqual({ status: 'ok', notes: [] });
  answer?.rows.forEach(({ requests_count_total: counted }, index) => {
    const day = { from: range.from + index * dayMs, to: range.from + (index + 1) * dayMs };
    expect(counted).toBe(expectedSummary(truth, day).requests_count_total);
  });
});

it('gives up in few requests where a limit lets nothing be read', async () => {
  const host = await hostWith({ max_query_bytes_read: '1B' });
  const { response } = await host.queryOnce(host.createDataSource(), [byDay], over(range));
  expect(JSON.stringify(response.errors ?? response.data[0]?.meta?.notices)).toMatch(/too many bytes/);
  expect(lokiQueries(host).length).toBeLessThan(100);
});
