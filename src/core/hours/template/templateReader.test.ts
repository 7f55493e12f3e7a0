import { lastValueFrom, of, throwError } from 'rxjs';

import { dayMs } from '../../domain/duration';
import { seenIn } from '../../expr/promqlGpu';
import { type KnownPod } from '../../expr/promqlPods';
import { UpstreamError } from '../../upstream/errors';
import { PrometheusClient } from '../../upstream/prometheus';
import { type TransportRequest } from '../../upstream/transport';
import { LruStore } from '../cache/lruStore';
import { type KeptWindow, SettledWindows } from '../cache/settledWindows';
import { ScrapeSlotCache } from '../scrapes/scrapeSlotCache';
import { type UsageWindow } from '../view';
import { readTemplate, serviceOfLabels } from './templateReader';

const start = Date.parse('2026-10-05T00:00:00Z');
const span = { start, end: start + 3 * dayMs };
const noRetries = { retries: 0, firstDelayMs: 0, longestDelayMs: 0, random: () => 0 };

const podOf = ({ pod: name = '' }: Readonly<Record<string, string>>): KnownPod => ({
  namespace: 'oscar-svc',
  name,
  ofService: true,
});

/** A Prometheus with values by evaluation time (ms) for the template, and the times at which it scraped. */
function read(
  answer: (request: TransportRequest) => unknown,
  { evidence, pods, maxDaysInQuery }: { evidence?: string; pods?: string; maxDaysInQuery?: number } = { evidence: 'up' }
) {
  const requests: TransportRequest[] = [];
  const client = new PrometheusClient(
    (request) => {
      requests.push(request);
      const body = answer(request);
      return body instanceof Error ? throwError(() => body) : of(body);
    },
    { uid: 'p', method: 'POST', customParameters: [] },
    noRetries
  );
  const usage = {
    template: (found?: readonly KnownPod[]) =>
      `hours{x="y"${found ? `,pod=~"${found.map(({ name }) => name).join('|')}"` : ''}}[{{range}}]`,
    ...(pods !== undefined && { pods: { query: pods, read: podOf } }),
    maxDaysInQuery,
    evidence: evidence === undefined ? undefined : seenIn(evidence),
    scraped: [],
    servicesNamespace: 'oscar-svc',
    span,
    zone: 'utc',
    slots: new ScrapeSlotCache(new LruStore(100), [], { now: 0, readAgain: false }),
  };
  const store = new LruStore<KeptWindow<UsageWindow>>(100);
  const settling = { now: span.end, settleMs: dayMs, readAgain: false };
  const view = (readAgain = false) =>
    lastValueFrom(
      readTemplate(client, { ...usage, granularity: 'day' }, new SettledWindows(store, [], { ...settling, readAgain }))
    );
  return { requests, view };
}

const matrix = (...result: unknown[]) => ({ status: 'success', data: { resultType: 'matrix', result } });
const series = (metric: Record<string, string>, ...days: Array<[number, string]>) => ({
  metric,
  values: days.map(([day, value]) => [(start + (day + 1) * dayMs - 1) / 1000, value]),
});
const isEvidence = ({ params }: TransportRequest) => params['query']?.includes('last_over_time(up');

it('reads hours by day and service', async () => {
  const { view, requests } = read(() =>
    matrix(
      series({ label_oscar_service: 'a' }, [0, '1.5'], [1, '2'], [2, '1']),
      series({ pod: 'a-6b9ddddbd7-cm6c9' }, [1, '0.25']),
      series({ pod: 'strange' }, [2, '4'])
    )
  );
  const { windows, missing } = await view();
  expect(windows.map(({ hours }) => Object.fromEntries(hours))).toEqual([
    { a: 1.5 },
    { a: 2.25 },
    { a: 1, '(unattributed)': 4 },
  ]);
  expect(missing).toEqual([]);
  expect(requests.map(({ params }) => params['query'])).toEqual([
    'count(last_over_time(up[259200000ms]))',
    'hours{x="y"}[86400000ms]',
  ]);
  expect(requests[1]?.params).toMatchObject({ step: '86400.000' });
});

it('keeps the days that can no longer change, and reads the others again', async () => {
  const { view, requests } = read(
    ({ params }) =>
      params['time'] === undefined
        ? matrix(series({ pod: 'x' }, [0, '1'], [1, '2'], [2, '3']))
        : {
            status: 'success',
            data: { resultType: 'vector', result: [{ metric: { pod: 'x' }, value: [(span.end - 1) / 1000, '3'] }] },
          },
    {}
  );
  const first = await view();
  requests.length = 0;
  expect(await view()).toEqual({ ...first, remembered: [{ start: span.start, end: span.start + 2 * dayMs }] });
  expect(requests.map(({ params }) => params['time'])).toEqual([String((span.end - 1) / 1000)]);
  requests.length = 0;
  expect(await view(true)).toEqual(first);
  expect(requests[0]?.params).toMatchObject({ start: String((start + dayMs - 1) / 1000) });
});

it('keeps no days that the engine calls partial or has nothing of', async () => {
  const { view, requests } = read(() => ({ ...matrix(series({ pod: 'x' }, [0, '1'])), warnings: ['partial'] }), {});
  await view();
  await view();
  expect(requests).toHaveLength(2);
  const other = read(() => matrix(), {});
  await other.view();
  await other.view();
  expect(other.requests).toHaveLength(2);
});

it('asks one question of a source that has nothing at all', async () => {
  const { view, requests } = read(() => ({ status: 'success', data: { resultType: 'vector', result: [] } }));
  expect((await view()).missing).toHaveLength(3);
  expect(requests).toHaveLength(1);
});

it('takes a day without a series for 0 only where the source was scraped', async () => {
  const { view } = read((request) =>
    isEvidence(request) ? matrix(series({}, [0, '9'], [1, '9'])) : matrix(series({ pod: 'x' }, [0, '1']))
  );
  const { missing } = await view();
  expect(missing).toEqual([{ start: start + 2 * dayMs, end: start + 3 * dayMs }]);
});

it('knows nothing of empty days when there is no evidence to ask for', async () => {
  const { view, requests } = read(() => matrix(series({ pod: 'x' }, [0, '1'])), {});
  expect((await view()).missing).toHaveLength(2);
  expect(requests).toHaveLength(1);
});

it('lists what could not be read as missing, with the reason', async () => {
  const { view } = read(() => new UpstreamError('unavailable', 'down'));
  expect(await view()).toMatchObject({ windows: [], notes: ['down'] });
  expect((await view()).missing).toHaveLength(3);
});

it('passes the warnings of the engine on', async () => {
  const { view } = read(() => ({
    ...matrix(series({ pod: 'x' }, [0, '1'], [1, '1'], [2, '1'])),
    warnings: ['partial'],
  }));
  expect((await view()).warnings).toEqual(['partial']);
});

it('does not turn a value that is no number into less hours without a word', async () => {
  const { view } = read(() =>
    matrix(
      series({ label_oscar_service: 'a' }, [0, 'NaN'], [1, '1'], [2, '1']),
      series({ label_oscar_service: 'b' }, [0, '1'])
    )
  );
  const { missing, warnings, notes } = await view();
  expect(missing.length + warnings.length + notes.length).toBeGreaterThan(0);
});

it('names the service by its label, else by its pod', () => {
  expect(serviceOfLabels({ label_oscar_service: 'a', service: 'kubelet', pod: 'b-6b9ddddbd7-cm6c9' })).toBe('a');
  expect(serviceOfLabels({ label_app: 'oscar-svc-exp-a', pod: 'b-6b9ddddbd7-cm6c9' })).toBe('a');
  expect(serviceOfLabels({ label_app: 'x', pod: 'b-6b9ddddbd7-cm6c9' })).toBe('b');
  expect(serviceOfLabels({ pod: 'b-6b9ddddbd7-cm6c9' })).toBe('b');
  expect(serviceOfLabels({ label_app: 'oscar-svc-exp-a', pod: 'b-6b9ddddbd7-cm6c9' })).toBe('a');
  expect(serviceOfLabels({ pod: 'unknown' })).toBe('(unattributed)');
  expect(serviceOfLabels({ service: 'NOT VALID' })).toBe('(unattributed)');
  expect(serviceOfLabels({})).toBe('(unattributed)');
});

// OSCAR's relabelling cuts the label from the pod's name (reference: data).
it.each([
  ['nginx-dlp', 'nginx'],
  ['nginx-dpl', 'nginx'],
  ['simple-test-1a2b3c4d-1234-4abc-89ab', 'simple-test'],
  ['model-predictor', 'model'],
  ['model-kserve', 'model'],
])('reads the label service="%s" as %s', (label, service) => {
  expect(serviceOfLabels({ service: label })).toBe(service);
});

describe('hours of some of many pods', () => {
  const found = (names: readonly string[], warnings?: string[]) => ({
    status: 'success',
    ...(warnings && { warnings }),
    data: {
      resultType: 'vector',
      result: names.map((pod) => ({ metric: { pod }, value: [(span.end - 1) / 1000, '1'] })),
    },
  });
  const readAfter = (answer: unknown) =>
    read(({ params }) => (params['query'] === 'pods[259200000ms]' ? answer : matrix(series({ pod: 'a' }, [0, '1']))), {
      pods: 'pods[{{range}}]',
    });
  /** The queries for the hours, where the question for the pods is answered like this. */
  const hoursAsked = async (answer: unknown) => {
    const { view, requests } = readAfter(answer);
    await view();
    return requests.map(({ params }) => params['query'] ?? '').filter((query) => query.startsWith('hours'));
  };

  it('are asked for these pods only', async () => {
    expect(await hoursAsked(found(['b-1', 'a.x']))).toEqual(['hours{x="y",pod=~"b-1|a.x"}[86400000ms]']);
  });

  it('are not asked for where there is no pod', async () => {
    expect(await hoursAsked(found([]))).toEqual([]);
  });

  it('are asked for the pods of each query, which one question tells', async () => {
    const { view, requests } = read(
      ({ params }) =>
        params['query'] === 'pods[86400000ms]'
          ? matrix(series({ pod: 'a' }, [0, '1'], [1, '1']), series({ pod: 'b' }, [1, '1']))
          : { status: 'success', data: { resultType: 'vector', result: [] } },
      { pods: 'pods[{{range}}]', maxDaysInQuery: 1 }
    );
    await view();
    expect(requests.map(({ params }) => params['query'])).toEqual([
      'pods[86400000ms]',
      'hours{x="y",pod=~"a"}[86400000ms]',
      'hours{x="y",pod=~"a|b"}[86400000ms]',
    ]);
  });

  it('are missing where the pods could not be read, without a second question', async () => {
    const { view, requests } = readAfter(new UpstreamError('unavailable', 'Prometheus is down'));
    const { missing, notes } = await view();
    expect(missing).toHaveLength(3);
    expect(notes).toEqual(['Prometheus is down']);
    expect(requests).toHaveLength(1);
  });

  it.each([
    ['many', found(Array.from({ length: 201 }, (_, index) => `pod-${index}`))],
    ['of long names', found(Array.from({ length: 70 }, (_, index) => `pod-${index}-${'x'.repeat(220)}`))],
    ['in a partial answer', found(['a'], ['a store did not answer'])],
    ['of names that Kubernetes does not allow', found(['a', '{{x}}"}'])],
  ])('are asked for all pods where they are %s', async (_, answer) => {
    expect(await hoursAsked(answer)).toEqual(['hours{x="y"}[86400000ms]']);
  });
});

it('looks back for a scrape where windows are shorter than the time between two', async () => {
  const requests: TransportRequest[] = [];
  const client = new PrometheusClient(
    (request) => {
      requests.push(request);
      return of(isEvidence(request) ? matrix(series({}, [0, '1'])) : matrix());
    },
    { uid: 'p', method: 'POST', customParameters: [] },
    noRetries
  );
  const request = {
    template: () => 'hours[{{range}}]',
    evidence: seenIn('up'),
    scraped: [],
    slots: new ScrapeSlotCache(new LruStore(100), [], { now: 0, readAgain: false }),
    addsUp: true,
    servicesNamespace: 'oscar-svc',
    span: { start: start + 57 * 60_000, end: start + dayMs },
    zone: 'utc',
    granularity: 'day' as const,
  };
  const settling = { now: start + 2 * dayMs, settleMs: 0, readAgain: false };
  await lastValueFrom(readTemplate(client, request, new SettledWindows(new LruStore(100), [], settling)));
  const asked = requests.filter(isEvidence).map(({ params }) => `${params['query']} by ${params['step']}`);
  expect(asked).toContain('count(last_over_time(up[300000ms])) by 60.000');
});

it('adds hours up in whatever order an engine lists series', async () => {
  const values = [0.1, 0.2, 0.3, 1e6, 0.7, 1e-7, 3.3];
  const answerWith = (order: readonly number[]) => () => ({
    status: 'success',
    data: {
      resultType: 'matrix',
      result: order.map((value) => ({
        metric: { pod: `a-6b9ddddbd7-cm6c${values.indexOf(value)}` },
        values: [[(start + dayMs - 1) / 1000, String(value)]],
      })),
    },
  });
  const [first, ...others] = await Promise.all(
    [values, [...values].reverse(), [...values].sort()].map(async (order) =>
      (await read(answerWith(order)).view()).windows[0]?.hours.get('a')
    )
  );
  expect(first).toBeGreaterThan(1e6);
  expect(others).toEqual([first, first]);
});
