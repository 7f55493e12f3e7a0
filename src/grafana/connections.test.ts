import { type DataSourceSrv, setDataSourceSrv } from '@grafana/runtime';

import { UpstreamError } from '../core/upstream/errors';
import { grafanaConnections } from './connections';

const instance = (uid: string, type: string, more: object = {}) => ({
  uid,
  name: uid,
  type,
  access: 'proxy',
  jsonData: {},
  ...more,
});
const customQueryParameters = 'extra_filters[]={a="1"}&extra_filters[]={b="2"}';
const instances: Readonly<Record<string, unknown>> = {
  loki: instance('loki', 'loki'),
  prom: instance('prom', 'prometheus'),
  direct: instance('direct', 'loki', { access: 'direct' }),
  victoria: instance('victoria', 'victoriametrics-metrics-datasource', {
    jsonData: { httpMethod: 'get', customQueryParameters },
  }),
  odd: instance('odd', 'prometheus', { jsonData: { httpMethod: 5, customQueryParameters: {} } }),
};

beforeAll(() => {
  setDataSourceSrv({ getInstanceSettings: (uid: string) => instances[uid] } as unknown as DataSourceSrv);
});

it.each([
  ['', /no Loki data source is selected \(option lokiUid\)/],
  [undefined, /no Loki data source is selected \(option lokiUid\)/],
  ['gone', /uid "gone" does not exist, or you may not query it \(option lokiUid\)/],
  ['prom', /of type prometheus, not Loki \(option lokiUid\)/],
  ['direct', /browser access/],
])('says what to change where the Loki is %p', (lokiUid, words) => {
  const { loki } = grafanaConnections({ lokiUid, prometheusUid: 'prom' });
  expect(loki).toThrow(UpstreamError);
  expect(loki).toThrow(words);
});

it('says what to change where the Prometheus is none', () => {
  const { prometheus } = grafanaConnections({ lokiUid: 'loki', prometheusUid: 'loki' });
  expect(prometheus).toThrow(/of type loki, not Prometheus \(option prometheusUid\)/);
});

it.each([
  ['prom', { method: 'POST', customParameters: [] }],
  ['odd', { method: 'POST', customParameters: [] }],
  [
    'victoria',
    {
      method: 'GET',
      customParameters: [
        ['extra_filters[]', '{a="1"}'],
        ['extra_filters[]', '{b="2"}'],
      ],
    },
  ],
])('asks %s as its data source says', (prometheusUid, expected) => {
  const { loki, prometheus } = grafanaConnections({ lokiUid: 'loki', prometheusUid });
  expect(loki()).toEqual({ uid: 'loki' });
  expect(prometheus()).toEqual({ uid: prometheusUid, ...expected });
});
