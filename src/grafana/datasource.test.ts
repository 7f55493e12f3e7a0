import {
  type DataQueryRequest,
  type DataSourceInstanceSettings,
  dateTime,
  type DataFrame,
  LoadingState,
} from '@grafana/data';
import { type BackendSrv, setBackendSrv, setDataSourceSrv, setTemplateSrv, type TemplateSrv } from '@grafana/runtime';
import fc from 'fast-check';
import { lastValueFrom, throwError } from 'rxjs';

import { dayMs, hourMs } from '../core/domain/duration';
import { reports } from '../core/reports/registry';
import { epoch, managerLine } from '../testing/arbitraries';
import { clusterWith, rowsOf } from '../testing/cluster';
import { OscarDataSource } from './datasource';
import { type OscarOptions, type OscarQuery } from './types';
import { type OscarVariableSupport } from './variables/variableSupport';

const range = { start: epoch, end: epoch + dayMs };

/** What a page sends, to a data source on upstreams that all refuse. */
function page(options: unknown, variables: Record<string, unknown> = {}) {
  const sent: string[] = [];
  setBackendSrv({
    fetch: ({ url }: { url: string }) => {
      sent.push(url);
      return throwError(() => ({ status: 400, data: { message: 'refused' } }));
    },
  } as unknown as BackendSrv);
  setDataSourceSrv({
    getInstanceSettings: (uid: string) => ({ uid, name: uid, type: uid, access: 'proxy', jsonData: {} }),
  } as never);
  setTemplateSrv({
    replace: (text = '', scoped: Record<string, { value: unknown }> = {}, format: (value: unknown) => string) =>
      text.replace(/\$(\w+)/g, (match, name: string) => {
        const value = scoped[name]?.value ?? variables[name];
        return value === undefined ? match : format(value === '$__all' && !scoped[name] ? [] : value);
      }),
    getVariables: () => Object.entries(variables).map(([name, value]) => ({ name, current: { value } })),
  } as unknown as TemplateSrv);
  const dataSource = new OscarDataSource({ jsonData: options } as DataSourceInstanceSettings<OscarOptions>);
  const query = (targets: unknown[], more: object = {}) =>
    lastValueFrom(
      dataSource.query({
        requestId: 'Q1',
        targets,
        range: { from: dateTime(range.start), to: dateTime(range.end - 1) },
        timezone: 'utc',
        ...more,
      } as unknown as DataQueryRequest<OscarQuery>)
    );
  return { dataSource, sent, query };
}

const uids = { lokiUid: 'loki', prometheusUid: 'prometheus' };

it.each<[unknown, RegExp]>([
  [{ ...uids, roster: 'alice@example.org' }, /option roster must be a list/],
  [{ ...uids, membershipRules: { pattern: '.' } }, /option membershipRules must be a list/],
  [{ ...uids, servicesNamespace: 5 }, /option servicesNamespace must be a text/],
  [{ ...uids, knownGaps: [null] }, /option knownGaps\[0\]/],
  ['text', /options must be an object/],
])('refuses to work with the options %j, everywhere in the same words, and sends nothing', async (options, words) => {
  const { dataSource, sent, query } = page(options);
  const { data, errors, state } = await query([{ refId: 'A', queryType: 'summary' }]);
  expect([data, state]).toEqual([[], LoadingState.Error]);
  expect(errors?.[0]).toMatchObject({ refId: 'A', message: expect.stringMatching(words) });
  expect(await dataSource.testDatasource()).toMatchObject({ status: 'error', message: expect.stringMatching(words) });
  const variable = { range: undefined, targets: [{ refId: 'V', list: 'users' }] } as never;
  const variables = dataSource.variables as OscarVariableSupport;
  const list = await lastValueFrom(variables.query(variable));
  expect(list).toMatchObject({ errors: [{ message: expect.stringMatching(words) }] });
  expect(sent).toEqual([]);
});

it('names unknown options in Save & test', async () => {
  const { details } = await page({ ...uids, rooster: ['a'], pdcInjected: true }).dataSource.testDatasource();
  expect(details.verboseMessage).toMatch(
    /note +Options: unknown option rooster has no effect; valid options: .*roster/
  );
  expect(details.verboseMessage).not.toMatch(/pdcInjected/);
});

it('never throws on stored queries of any shape, and answers each of them', async () => {
  const odd = fc.dictionary(
    fc.constantFrom('queryType', 'services', 'metric', 'interval', 'format', 'groupBy', 'sources'),
    fc.anything()
  );
  await fc.assert(
    fc.asyncProperty(fc.array(odd, { maxLength: 3 }), async (parts) => {
      const { query } = page(uids);
      const targets = parts.map((part, index) => ({ ...part, refId: `R${index}` }));
      const good = { refId: 'G', queryType: 'summary', services: ['$none'] };
      const { data } = await query([null, ...targets, good], {});
      expect((data as DataFrame[]).filter(({ refId }) => refId === 'G').length).toBeLessThanOrEqual(1);
    }),
    { numRuns: 30 }
  );
});

const call = (service: string, hour: number) => ({
  time: BigInt(epoch + hour * hourMs + 1) * 1_000_000n,
  labels: { geoip_country_code: 'ES' },
  line: managerLine({ type: 'sync', service, user: 'u' }, 'seconds'),
});

it('keeps the failure of one target away from the others', async () => {
  const { dataSource } = clusterWithDataSource([call('a', 1)]);
  const broken = { refId: 'B', queryType: 'metric', metric: 'users-per-service' } as const;
  const thrower = new Proxy(broken, {
    ownKeys() {
      throw new Error('out of order');
    },
  });
  const request = {
    requestId: 'Q1',
    targets: [thrower, { refId: 'A', queryType: 'metric', metric: '' }, { refId: 'C', queryType: 'membership' }],
    range: { from: dateTime(range.start), to: dateTime(range.end - 1) },
    timezone: 'utc',
  } as unknown as DataQueryRequest<OscarQuery>;
  const { data, errors } = await lastValueFrom(dataSource.query(request));
  expect((data as DataFrame[]).map(({ refId }) => refId)).toEqual(['A', 'C']);
  expect(errors).toMatchObject([{ refId: 'B', message: expect.stringMatching(/out of order/) }]);
});

it('keeps a fault within the turns of a report away from the others', async () => {
  const rows = jest.spyOn(reports.membership, 'rows').mockImplementation(() => {
    throw new Error('a bug');
  });
  const { dataSource } = clusterWithDataSource([call('a', 1)]);
  const request = {
    requestId: 'Q1',
    targets: ['membership', 'country'].map((queryType) => ({ refId: queryType, queryType, metric: null })),
    range: { from: dateTime(range.start), to: dateTime(range.end - 1) },
    timezone: 'utc',
  } as unknown as DataQueryRequest<OscarQuery>;
  const { data, errors } = await lastValueFrom(dataSource.query(request));
  rows.mockRestore();
  expect((data as DataFrame[]).map(({ refId }) => refId)).toEqual(['country']);
  expect(errors).toMatchObject([{ refId: 'membership', message: expect.stringMatching(/a bug/) }]);
});

function clusterWithDataSource(entries: Parameters<typeof clusterWith>[0]) {
  const cluster = clusterWith(entries);
  const dataSource = new OscarDataSource({ jsonData: uids } as DataSourceInstanceSettings<OscarOptions>);
  return { cluster, dataSource };
}

it.each([
  ['is absent', undefined, ['a', 'b']],
  ['is empty as it is stored', [], ['a', 'b']],
  ['names one', ['a'], ['a']],
])('shows services where the list %s', async (_, services, expected) => {
  const cluster = clusterWith([call('a', 1), call('b', 2)]);
  const [frame] = await cluster.frames({ queryType: 'breakdown', groupBy: 'service', services }, range);
  expect(rowsOf(frame).map(({ key }) => key)).toEqual(expected);
});

describe('a selection of services', () => {
  const rowsFor = async (value: unknown, parts: object = {}) => {
    const { sent, query } = page(uids, { service: value });
    const target = { refId: 'A', queryType: 'breakdown', groupBy: 'service', services: ['$service'], ...parts };
    const { data, errors } = await query([target]);
    return { frames: data as DataFrame[], errors, sent };
  };

  it.each([
    { format: 'table' },
    { format: 'timeseries' },
    { queryType: 'summary', interval: 'day' },
    { queryType: 'reconciliation' },
  ])('that is empty gives no rows, and asks nothing: %j', async (parts) => {
    const { frames, errors, sent } = await rowsFor([], parts);
    expect(errors).toBeUndefined();
    expect(frames).toHaveLength(1);
    expect(frames[0]).toMatchObject({ refId: 'A', length: 0 });
    expect(frames[0]?.meta?.notices).toMatchObject([{ severity: 'info', text: 'no service is selected' }]);
    expect(sent).toEqual([]);
  });

  it('that is "All" without values is no filter', async () => {
    expect((await rowsFor('$__all')).sent).not.toEqual([]);
  });

  it('whose value is the text "All" is the name of a service', async () => {
    const cluster = clusterWith([call('a', 1)]);
    const [frame] = await cluster.frames({ queryType: 'breakdown', groupBy: 'service', services: ['All'] }, range);
    expect(rowsOf(frame)).toEqual([]);
  });
});

it('gives hours for the last three days, both ends included', async () => {
  const threeDays = { start: epoch, end: epoch + 3 * dayMs + 1 };
  const cluster = clusterWith([call('a', 1)]);
  const [frame] = await cluster.frames({ queryType: 'summary', interval: 'auto', format: 'timeseries' }, threeDays);
  expect(frame?.length).toBe(73);
  const [longer] = await cluster.frames(
    { queryType: 'summary', interval: 'auto', format: 'timeseries' },
    { ...threeDays, end: threeDays.end + 1 }
  );
  expect(longer?.length).toBe(4);
});

it('takes the time zone of the dashboard where the request has none, as those of variables', async () => {
  const cluster = clusterWith([call('a', 1)]);
  setTemplateSrv({
    replace: (text = '') => (text === '${__timezone}' ? 'Mars/Olympus' : text),
    getVariables: () => [],
  } as unknown as TemplateSrv);
  const [frame] = await cluster.frames({ queryType: 'membership' }, range, '');
  expect(JSON.stringify(frame?.meta?.notices)).toContain('Mars/Olympus');
});

it('tells panels from each other by their ids, and a refresh by the same panel that asks again', async () => {
  const clock = jest.spyOn(Date, 'now').mockReturnValue(range.end);
  const { cluster, dataSource } = clusterWithDataSource([call('a', 1)]);
  const ask = async (panelId: number) => {
    // Longer than what is asked at about the same time is shared.
    clock.mockReturnValue(Date.now() + 3000);
    const before = cluster.loki.requests.length;
    await lastValueFrom(
      dataSource.query({
        requestId: `Q${before}`,
        app: 'dashboard',
        dashboardUID: 'd',
        panelId,
        targets: [{ refId: 'A', queryType: 'membership' }],
        range: { from: dateTime(range.start), to: dateTime(range.end - 1) },
        timezone: 'utc',
      } as unknown as DataQueryRequest<OscarQuery>)
    );
    return cluster.loki.requests.length - before;
  };
  expect(await ask(1)).toBeGreaterThan(0);
  expect(await ask(2)).toBe(0);
  expect(await ask(1)).toBeGreaterThan(0);
  expect(await ask(2)).toBe(0);
  clock.mockRestore();
});

it('says that it used UTC where nobody knows the time zone', async () => {
  const cluster = clusterWith([call('a', 1)]);
  const [frame] = await cluster.frames({ queryType: 'membership' }, range, 'Mars/Olympus');
  expect(frame?.meta?.notices?.[0]).toMatchObject({
    severity: 'warning',
    text: expect.stringMatching(/Mars\/Olympus.*UTC/),
  });
  const [known] = await cluster.frames({ queryType: 'membership' }, range, 'Europe/Madrid');
  expect(JSON.stringify(known?.meta?.notices)).not.toMatch(/time zone/);
});

it('shows in the inspector what was sent, and where nothing was, how that was read which is in memory', async () => {
  const cluster = clusterWith([call('a', 1)]);
  const ask = async () => (await cluster.frames({ queryType: 'summary' }, range))[0]?.meta?.executedQueryString ?? '';
  const first = await ask();
  const sent = cluster.loki.requests.map(({ params }) => params['query']);
  expect(first).toMatch(/^sent since .*: \d+ requests to Loki/);
  expect(first).toMatch(/^request-logs: \d+ requests to Loki, evaluated from /m);
  expect(first).not.toContain('increase(kube');
  // PromQL selects by name, LogQL by labels alone.
  const shown = first.split('\n').filter((line) => /^sum by .*_over_time\(\{/.test(line));
  expect(shown.length).toBeGreaterThan(0);
  shown.forEach((line) => expect(sent).toContain(line));
  // The clock of a refresh stands where that of the first answer may have stood, too.
  const clock = jest.spyOn(Date, 'now').mockReturnValue(Date.now() + 60_000);
  const refreshed = await ask();
  clock.mockRestore();
  expect(refreshed).toMatch(
    /^request-logs: all of the range from memory; nothing was sent\nread earlier by \d+ requests to Loki, evaluated from /m
  );
});

it.each(['readAgain', 'bypassCache'])('lets no cache of results answer when it is told %s', async (name) => {
  const cluster = clusterWith([call('a', 1)]);
  await cluster.frames({ queryType: 'membership' }, range);
  const before = cluster.headers.length;
  await cluster.frames({ queryType: 'membership', [name]: true }, range);
  const counts = cluster.headers.slice(before).filter(({ path }) => path.endsWith('query_range'));
  expect(counts.length).toBeGreaterThan(0);
  counts.forEach(({ headers }) => expect(headers['Cache-Control']).toBe('no-cache'));
});
