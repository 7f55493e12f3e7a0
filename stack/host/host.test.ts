/** @jest-environment node */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { createHost, type Host } from './index';

/** A small plugin in the form in which webpack writes it; it asks Loki once and answers with two packets. */
const pluginSource = `define(["@grafana/data","@grafana/runtime","@grafana/ui","rxjs","react","module"], (data, runtime, ui, rxjs, react, amd) => {
  class Fake extends data.DataSourceApi {
    constructor(settings) { super(settings); this.options = settings.jsonData; }
    query(request) {
      if (/\\.js$/.test(request.targets[0].queryType)) {
        const script = Object.assign(document.createElement('script'), { src: 'public/plugins/fake-datasource/' + request.targets[0].queryType });
        return rxjs.from(new Promise((done) => {
          ['load', 'error'].forEach((name) => script.addEventListener(name, () => done({ data: [], state: 'Done', key: name + ' ' + globalThis.later })));
          document.head.appendChild(script);
        }));
      }
      if (request.targets[0].queryType === 'broken') { throw new Error('not valid'); }
      if (request.targets[0].queryType === 'promise') { return Promise.resolve({ data: [], errors: [{ message: 'late' }] }); }
      const settings = runtime.getDataSourceSrv().getInstanceSettings(this.options.lokiUid);
      return runtime.getBackendSrv().fetch({ url: settings.url + '/loki/api/v1/query', params: { a: runtime.getTemplateSrv().replace('$name') } }).pipe(
        rxjs.mergeMap(({ data: seen }) => rxjs.of(
          { data: [], state: 'Loading' },
          { data: [data.createDataFrame({ refId: request.targets[0].refId, fields: [{ name: 'seen', values: [seen.url] }] })], state: 'Done' })));
    }
    testDatasource() { return Promise.resolve({ status: 'success', message: ui.Button.name ? '' : '' }); }
  }
  return { plugin: new data.DataSourcePlugin(Fake).setConfigEditor(ui.InlineField), uri: amd.uri, react };
});`;

let directory: string;
let server: Server;
let host: Host;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'host-test-'));
  writeFileSync(join(directory, 'module.js'), pluginSource);
  writeFileSync(
    join(directory, 'plugin.json'),
    JSON.stringify({ id: 'fake-datasource', name: 'Fake', type: 'datasource' })
  );
  server = createServer((request, response) => response.end(JSON.stringify({ url: request.url })));
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  const lokiUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  host = await createHost({ pluginDirectory: directory, lokiUrl, variables: [{ name: 'name', value: 'v' }] });
});

afterAll(() => {
  server.closeAllConnections();
  server.close();
  rmSync(directory, { recursive: true, force: true });
});

const day = { from: '2026-06-15T00:00:00.000Z', to: '2026-06-15T23:59:59.999Z' };

it('gives the plugin the services of the host', async () => {
  host.resetRequests();
  const dataSource = host.createDataSource();
  const result = await host.queryOnce(dataSource, { queryType: 'summary' }, day);
  expect(result).toMatchObject({ thrown: false, packets: 2, error: undefined });
  expect(result.response.data[0]).toMatchObject({ refId: 'A', fields: [{ values: ['/loki/api/v1/query?a=v'] }] });
  expect(host.requests).toHaveLength(1);
});

it('reports what a query throws, and the errors of its last packet', async () => {
  const dataSource = host.createDataSource();
  const broken = await host.queryOnce(dataSource, { queryType: 'broken' }, day);
  expect(broken).toMatchObject({ thrown: true, error: { message: 'not valid' } });
  const late = await host.queryOnce(dataSource, { queryType: 'promise' }, day);
  expect(late).toMatchObject({ thrown: false, error: { message: 'late' } });
});

it('sends a complete request', async () => {
  const dataSource = host.createDataSource();
  const query = jest.spyOn(dataSource, 'query');
  await host.queryOnce(dataSource, [{ queryType: 'promise' }, { queryType: 'promise', refId: 'X' }], {
    ...day,
    timezone: 'Europe/Madrid',
  });
  const request = query.mock.calls[0]?.[0];
  expect(request).toMatchObject({
    app: 'dashboard',
    timezone: 'Europe/Madrid',
    maxDataPoints: 1000,
    intervalMs: 86400,
  });
  expect(request?.targets.map(({ refId }) => refId)).toEqual(['A', 'X']);
  expect(request?.range.from.toISOString()).toBe(day.from);
  expect(request?.range.from.format('HH:mm')).toBe('02:00');
  await expect(host.queryOnce(dataSource, { queryType: 'x' }, { ...day, from: 'yesterday' })).resolves.toMatchObject({
    thrown: true,
    error: { message: '"from" must be an ISO 8601 time, not "yesterday".' },
  });
});

it('finds data sources as Grafana does', async () => {
  const { dataSourceSrv } = host;
  expect(dataSourceSrv.getInstanceSettings('loki')).toMatchObject({
    type: 'loki',
    access: 'proxy',
    url: '/api/datasources/proxy/uid/loki',
  });
  expect(dataSourceSrv.getInstanceSettings('Prometheus')?.uid).toBe('prometheus');
  expect(dataSourceSrv.getInstanceSettings({ type: 'prometheus' })?.uid).toBe('prometheus');
  expect(dataSourceSrv.getInstanceSettings('nowhere')).toBeUndefined();
  expect(dataSourceSrv.getInstanceSettings()?.type).toBe('fake-datasource');
  expect(dataSourceSrv.getList({ type: ['loki', 'prometheus'] })).toHaveLength(2);
  await expect(dataSourceSrv.get('nowhere')).rejects.toThrow('was not found');
  await expect(dataSourceSrv.get('oscar-metrics')).resolves.toMatchObject({ uid: 'oscar-metrics', name: 'Fake' });
});

it('says what is missing when the plugin is not built', async () => {
  await expect(createHost({ pluginDirectory: join(directory, 'none') })).rejects.toThrow('run "npm run build" first');
});

it.each([
  ['later.js', 'load 7'],
  ['absent.js', 'error undefined'],
])('runs a file of the plugin that it loads later on: %s', async (file, key) => {
  Reflect.deleteProperty(globalThis, 'later');
  writeFileSync(join(directory, 'later.js'), 'globalThis.later = 7;');
  const result = await host.queryOnce(host.createDataSource(), { queryType: file }, day);
  expect(result.response.key).toBe(key);
});
