import { lastValueFrom, of, throwError } from 'rxjs';

import { connectionsOver } from '../../testing/connections';
import { dayMs } from '../domain/duration';
import { type UsageOptions } from '../options';
import { settingsFrom } from '../settings';
import { type Connections } from '../upstream/connections';
import { UpstreamError } from '../upstream/errors';
import { errorOfFetch, type Transport, type TransportRequest } from '../upstream/transport';
import { checkHealth } from './checkHealth';

const now = Date.parse('2026-11-02T10:00:00Z');

type Answer = (request: TransportRequest) => unknown;
type Answers = Readonly<Record<string, Answer>>;

const result = (resultType: string, ...series: unknown[]) => ({
  status: 'success',
  data: { resultType, result: series },
});
const kinds = ['cpu', 'cpuByPod', 'anyCpu', 'podLabels', 'configMapLabels', 'kubeStateMetrics', 'gpu', 'podPhases'];
const found = (...names: string[]) =>
  result('vector', ...names.map((name) => ({ metric: { found: name }, value: [now / 1000, '3'] })));
const failure =
  (status: number, data: unknown = ''): Answer =>
  () =>
    errorOfFetch({ status, statusText: '', data });

/** A cluster in which all is well. */
const good: Answers = {
  'loki/api/v1/status/buildinfo': () => ({ version: '3.7.6' }),
  'loki/api/v1/query_range': ({ params }) =>
    params['direction']
      ? result('streams', { stream: {}, values: [['1790000000000000000', '[GIN-EXECUTIONS-LOGGER] …']] })
      : result('matrix', { metric: {}, values: [[now / 1000, '42']] }),
  'loki/api/v1/series': () => ({ status: 'success', data: [{ app: 'oscar' }] }),
  'loki/api/v1/drilldown-limits': () => ({
    limits: { max_query_series: 500, max_query_length: '30d1h', query_timeout: '1m', retention_period: '0s' },
  }),
  // As later versions of Grafana answer, and a gateway.
  'loki/api/v1/push': failure(403, { message: 'non allow-listed POSTs not allowed on proxied loki datasource' }),
  'api/prom/push': failure(405, ''),
  'otlp/v1/logs': failure(404, '404 page not found'),
  'loki/api/v1/delete': failure(403, { message: 'non allow-listed POSTs not allowed on proxied loki datasource' }),
  services: failure(404, '404 page not found'),
  'api/v1/status/buildinfo': () => ({ status: 'success', data: { version: '3.13.5' } }),
  'api/v1/query': () => found(...kinds),
  'api/v1/status/tsdb/blocks': () => ({ status: 'success', data: { blocks: [{ minTime: now - 200 * dayMs }] } }),
  'api/v1/status/tsdb': () => ({ status: 'success', data: { headStats: { minTime: now - 1000 } } }),
  'api/v1/status/runtimeinfo': () => ({ status: 'success', data: { storageRetention: '1y' } }),
};

function check(answers: Answers = {}, options: UsageOptions = {}, ways: Partial<Connections> = {}) {
  const all = { ...good, ...answers };
  const transport: Transport = (request) => {
    const answer = all[request.path]?.(request);
    return answer instanceof Error ? throwError(() => answer) : of(answer);
  };
  const settings = settingsFrom(options);
  return lastValueFrom(checkHealth(settings, { ...connectionsOver(transport), ...ways }, now));
}

/** The same failure for every question to one upstream. */
function all(upstream: 'loki' | 'prometheus', answer: Answer): Answers {
  const paths = Object.keys(good).filter((path) => path.startsWith('loki/') === (upstream === 'loki'));
  return Object.fromEntries(paths.map((path) => [path, answer]));
}

it('says what is there when all is well', async () => {
  const { status, message, details } = await check();
  expect(status).toBe('success');
  expect(message).toMatch(/are reachable; all expected data was found/);
  expect(details.message).toBe('');
  for (const text of [
    'Prometheus: reachable, version 3.13.5',
    'Prometheus: oldest sample from 2026-04-16T10:00:00.000Z (200 days ago)',
    'kube_pod_labels names the service',
    'Loki: reachable, version 3.7.6',
    'Loki: 42 request lines in the last 24 hours; the oldest known one is from 2026-09-21',
    'max_query_series 500, max_query_length 30 days, query_timeout 60 s, no retention limit',
    'ok      Loki: viewers cannot write to it, delete from it or stop it',
  ]) {
    expect(details.verboseMessage).toContain(text);
  }
});

it.each<[string, UsageOptions, RegExp]>([
  ['a selector that is none', { requestSelector: 'oscar' }, /option requestSelector: a stream selector starts/],
  ['another selector that is none', { exposedSelector: '{a}' }, /option exposedSelector: between/],
])('%s is an error of its own', async (_, options, problem) => {
  const { status, message } = await check({}, options);
  expect(status).toBe('error');
  expect(message).toMatch(problem);
});

it.each(['loki', 'prometheus'] as const)('has the words of a way to %s that is none', async (upstream) => {
  const unusable = () => {
    throw new UpstreamError('configuration', 'nobody knows the way');
  };
  const { status, message } = await check({}, {}, { [upstream]: unusable });
  expect(status).toBe('error');
  expect(message).toMatch(/^(Loki|Prometheus): nobody knows the way/);
});

describe.each(['loki', 'prometheus'] as const)('when %s fails', (upstream) => {
  const name = upstream === 'loki' ? 'Loki' : 'Prometheus';

  it.each<[string, Answer, RegExp]>([
    ['credentials', failure(400, { message: 'Authentication to data source failed' }), /rejects the credentials/],
    ['a 401', failure(401, 'no org id'), /rejects the credentials/],
    ['a 403', failure(403, { message: 'Access denied' }), /need permission to query/],
    ['a 404', failure(404, '404 page not found'), /no (Loki|Prometheus) API at the URL.*swapped/],
    ['a 502', failure(502), /Grafana cannot reach (Loki|Prometheus) \(502\)/],
    ['a 504', failure(504), /did not respond in time \(504\)/],
    ['a lost connection', () => errorOfFetch(new TypeError('Failed to fetch')), /did not respond in time/],
    ['a login page', () => '<html><body>Log in</body></html>', /is not (Loki|Prometheus); check the URL/],
    ['a 429', failure(429, 'too many requests'), /too many; try again/],
    ['a 500', failure(500, 'empty ring'), /failed to answer: HTTP 500: empty ring/],
  ])('%s is an error of its own, and the other one is still reported', async (_, answer, problem) => {
    const { status, message, details } = await check(all(upstream, answer));
    expect(status).toBe('error');
    expect(message).toMatch(new RegExp(`^${name}: `));
    expect(message).toMatch(problem);
    expect(details.verboseMessage).toContain(`${upstream === 'loki' ? 'Prometheus' : 'Loki'}: reachable`);
  });
});

it('tells that exposed requests are not configured, which is no fault', async () => {
  const { status, message, details } = await check({}, { exposedSelector: '' });
  expect([status, message]).toEqual(['success', expect.stringContaining('all expected data was found')]);
  expect(details.verboseMessage).toMatch(
    /^ok {6}Loki: exposed requests are not configured \(the option exposedSelector/m
  );
});

it.each<[string[], RegExp | undefined]>([
  [['gpu', 'busyGpu'], undefined],
  [
    ['busyGpu', 'oscarGpu'],
    /no GPUs of pods or nodes: GPU hours are the hours in which GPUs were busy \(DCGM_FI_DEV_GPU_UTIL\)/,
  ],
  [['oscarGpu'], /GPU hours come from container_gpu_usage_seconds_total/],
  [[], /GPU hours are missing, not 0\. That is right in a cluster without GPUs; in one with GPUs, keep/],
])('says what GPU hours are made of where %j are there', async (gpus, text) => {
  const others = kinds.filter((kind) => kind !== 'gpu');
  const answers: Answers = { 'api/v1/query': () => found(...others, ...gpus) };
  const { message, details } = await check(answers);
  expect(message).toMatch(/all expected data was found/);
  expect(details.message).toBe('');
  expect(details.verboseMessage).toMatch(text ?? /ok +Prometheus: GPU requests and pod phases found/);
  const { details: ofTemplate } = await check(answers, { gpuQuery: 'sum by (pod) (increase(gpu_seconds[{{range}}]))' });
  expect(ofTemplate.verboseMessage).not.toMatch(/GPU/);
});

it('names one unknown option and several', async () => {
  const told = async (options: object) => (await check({}, options)).details.message;
  expect(await told({ rooster: [] })).toMatch(/unknown option rooster has no effect; valid options: prom/);
  expect(await told({ rooster: [], lokiUId: '' })).toMatch(/unknown options rooster, lokiUId have no effect/);
});

it('warns of a Prometheus without any CPU time of containers in the last hour', async () => {
  const { status, details } = await check({ 'api/v1/query': () => found() });
  expect(status).toBe('warning');
  expect(details.message).toMatch(/Prometheus: no container_cpu_usage_seconds_total .*scrape cAdvisor/);
});

it('orders its lines from bad to good, and is as bad as the worst', async () => {
  const answers: Answers = {
    'api/v1/query': () => found('cpu'),
    'loki/api/v1/series': () => ({ status: 'success', data: [] }),
    'loki/api/v1/query_range': () => result('matrix'),
  };
  const { status, message, details } = await check(answers, { rooster: [] } as UsageOptions);
  const order = details.verboseMessage.split('\n').map((text) => text.split(' ')[0] ?? '');
  expect(order).toEqual(
    [...order].sort((a, b) => ['error', 'warning', 'ok'].indexOf(a) - ['error', 'warning', 'ok'].indexOf(b))
  );
  expect([...new Set(order)]).toEqual(['error', 'warning', 'ok']);
  expect(status).toBe('error');
  expect(details.verboseMessage.split('\n')[0]).toBe(`error   ${message}`);
  expect(details.message.startsWith(message)).toBe(true);
});

describe('warning', () => {
  it.each<[string, Answers, RegExp]>([
    [
      'no deployed services',
      { 'api/v1/query': () => found('cpu', 'cpuByPod', 'kubeStateMetrics') },
      /--metric-labels-allowlist=pods=\[oscar_service,app,oscar-app,serving\.knative\.dev\/service,serving\.kserve\.io\/inferenceservice,vo,oscar\.grycap\/user-service\],configmaps=\[oscar_service\]/,
    ],
    [
      'pods only',
      { 'api/v1/query': () => found('cpu', 'cpuByPod', 'kubeStateMetrics') },
      /read from the names of the pods\. For exact services: kube-state-metrics does not export/,
    ],
    [
      'pods without a label that leads to a service',
      { 'api/v1/query': () => found(...kinds, 'unlabelledPods') },
      /some pods have no label in kube_pod_labels.*--metric-labels-allowlist=pods=\[oscar_service,app/,
    ],
    [
      'GPUs without phases of pods',
      { 'api/v1/query': () => found(...kinds.filter((kind) => kind !== 'podPhases')) },
      /no pod phases.*keep kube_pod_status_phase and kube_pod_status_scheduled/,
    ],
    [
      'no pods',
      { 'api/v1/query': () => found('anyCpu', 'kubeStateMetrics') },
      /services of pods: unknown.*--metric-labels-allowlist=pods=\[oscar_service,app/,
    ],
    [
      "OSCAR's label only",
      { 'api/v1/query': () => found('cpu', 'cpuByService') },
      /OSCAR's label service, without the label pod/,
    ],
    [
      'no label',
      { 'api/v1/query': () => found('cpu') },
      /services of pods: unknown.*kube-state-metrics is not scraped/,
    ],
    ['another namespace', { 'api/v1/query': () => found('anyCpu') }, /option servicesNamespace is wrong/],
    [
      'a partial answer',
      { 'api/v1/query': () => ({ ...found(...kinds), warnings: ['store x is down'] }) },
      /may be incomplete: store x is down/,
    ],
    [
      'short retention of samples',
      { 'api/v1/status/runtimeinfo': () => ({ status: 'success', data: { storageRetention: '15d' } }) },
      /samples are kept for 15 days/,
    ],
    [
      'low limits',
      {
        'loki/api/v1/drilldown-limits': () => ({
          limits: {
            max_query_series: 50,
            max_query_length: '1h',
            max_query_lookback: '30d',
            query_timeout: '2s',
            retention_period: '31d',
          },
        }),
      },
      /max_query_series is 50.*max_query_length or max_query_range is less than a day.*query_timeout is 2 s.*max_query_lookback is 30 days.*kept for 31 days/,
    ],
  ])('for %s', async (_, answers, text) => {
    const { status, message, details } = await check(answers);
    expect(status).toBe('warning');
    expect(message).toMatch(/see (1 warning|[2-9] warnings) below/);
    expect(details.message).toMatch(text);
  });

  it('tells an idle cluster from a log without executions', async () => {
    const quiet =
      (line: boolean): Answer =>
      ({ params }) =>
        params['direction']
          ? result('streams', ...(line ? [{ stream: {}, values: [['1790000000000000000', 'x']] }] : []))
          : result('matrix');
    const idle = await check({ 'loki/api/v1/query_range': quiet(true) });
    expect(idle.details.message).toMatch(
      /no request line matches \{.*\} in the last 24 hours; the oldest.*idle, or the log collector has stopped/
    );
    const never = await check({ 'loki/api/v1/query_range': quiet(false) });
    expect(never.details.message).toMatch(/none of the matching lines comes from the executions logger/);
  });

  it('takes a selector that matches nothing for an error, and says what to change', async () => {
    const { status, message } = await check({
      'loki/api/v1/series': () => ({ status: 'success', data: [] }),
      'loki/api/v1/query_range': () => result('matrix'),
    });
    expect(status).toBe('error');
    expect(message).toMatch(/no stream matches \{namespace="oscar", app="oscar"\}.*option requestSelector/);
  });

  it('only remarks that an engine does not tell its version, limits or age', async () => {
    const unknown = failure(404, '404 page not found');
    const { status, details } = await check({
      'loki/api/v1/status/buildinfo': unknown,
      'loki/api/v1/drilldown-limits': unknown,
      'api/v1/status/buildinfo': unknown,
      'api/v1/status/tsdb': unknown,
      'api/v1/status/runtimeinfo': () => new UpstreamError('not-found', 'HTTP 404', 404),
    });
    expect(status).toBe('success');
    expect(details.verboseMessage).toMatch(/version unknown[^]*oldest sample is unknown[^]*does not report its limits/);
  });
});

describe('write access to Loki', () => {
  const noStream = failure(422, 'error at least one valid stream is required for ingestion\n');
  const noQuery = failure(400, { message: 'query not set\n', error: 'Bad Request' });

  it.each<[string, Answers, RegExp]>([
    ['Loki 3.7.6', { 'loki/api/v1/push': noStream }, /can also write log lines \(POST loki\/api\/v1\/push\): figures/],
    ['an old Loki', { 'loki/api/v1/push': () => '' }, /can also write log lines \(POST loki\/api\/v1\/push\)/],
    ['another way in', { 'otlp/v1/logs': noStream }, /can also write log lines \(POST otlp\/v1\/logs\)/],
    ['deletion', { 'loki/api/v1/delete': noQuery }, /can also delete log lines \(POST loki\/api\/v1\/delete\)/],
    ['administration', { services: () => 'ring => Running' }, /can also stop it \(GET services\)/],
    [
      'all',
      { 'loki/api/v1/push': noStream, 'loki/api/v1/delete': noQuery, services: () => 'ring => Running' },
      /can also write log lines [^]*, delete log lines [^]* and stop it [^]*Put a gateway in front of Loki that passes only GET/,
    ],
  ])('is a warning, not an error: %s', async (_, answers, words) => {
    const { status, details } = await check(answers);
    expect(status).toBe('warning');
    expect(details.message).toMatch(words);
  });

  it.each<[string, Answer]>([
    ['credentials that Grafana turns into a 400', failure(400, { message: 'Authentication to data source failed' })],
    ['a 401', failure(401, 'no org id')],
    ['a 403', failure(403, 'deletion is not available for this tenant')],
    ['a 404', failure(404, '404 page not found')],
    ['a 405', failure(405, '')],
    ['a page for everything', () => '<html><body>Log in</body></html>'],
  ])('is none where the answer is %s', async (_, answer) => {
    const paths = ['loki/api/v1/push', 'api/prom/push', 'otlp/v1/logs', 'loki/api/v1/delete', 'services'];
    const { details } = await check(Object.fromEntries(paths.map((path) => [path, answer])));
    expect(details.message).toBe('');
    expect(details.verboseMessage).toMatch(/viewers cannot write to it, delete from it or stop it/);
  });

  it.each<[string, Answer, RegExp]>([
    [
      'a server error',
      failure(500, 'empty ring'),
      /unknown whether viewers could write log lines: HTTP 500: empty ring/,
    ],
    [
      'a bad request of something else',
      failure(400, 'Bad Request'),
      /unknown whether viewers could write log lines: HTTP 400/,
    ],
    ['a lost connection', () => errorOfFetch(new TypeError('Failed to fetch')), /unknown whether viewers could write/],
  ])('is not known after %s', async (_, answer, words) => {
    const { status, details } = await check({ 'loki/api/v1/push': answer });
    expect(status).toBe('warning');
    expect(details.message).toMatch(words);
  });

  it('is asked for by questions that change nothing', async () => {
    const asked: TransportRequest[] = [];
    const spy =
      (answer: Answer): Answer =>
      (request) => {
        asked.push(request);
        return answer(request);
      };
    const paths = ['loki/api/v1/push', 'api/prom/push', 'otlp/v1/logs', 'loki/api/v1/delete'];
    await check(Object.fromEntries(paths.map((path) => [path, spy(failure(503))])));
    expect(asked.map(({ method, path, params, json }) => [method, path, params, json])).toEqual([
      ['POST', 'loki/api/v1/push', {}, { streams: [] }],
      ['POST', 'otlp/v1/logs', {}, { resourceLogs: [] }],
      ['POST', 'api/prom/push', {}, { streams: [] }],
      ['POST', 'loki/api/v1/delete', {}, undefined],
    ]);
  });
});
