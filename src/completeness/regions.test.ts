import { missingState, stateOfSpans } from './model';
import { completenessEntry } from './notices';
import { regionsOf } from './regions';

const range = { start: 0, end: 10_000 };
const logs = completenessEntry(
  stateOfSpans(
    'request-logs',
    range,
    [
      { start: 5000, end: 6000 },
      { start: 1000, end: 2000 },
    ],
    ['Loki was away'],
    0
  )
);
const cpu = completenessEntry(missingState('usage-cpu', range, 'Prometheus is down', 0));
const whole = completenessEntry(stateOfSpans('exposed-request-logs', range, [], [], 0));

it('gives the missing spans of every source, in the order of time', () => {
  const regions = regionsOf([logs, cpu, whole]);
  expect(regions.map(({ source, time, timeEnd }) => [source, time, timeEnd])).toEqual([
    ['usage-cpu', 0, 9999],
    ['request-logs', 1000, 1999],
    ['request-logs', 5000, 5999],
  ]);
});

it('says what is missing, why, and what it touches', () => {
  const [region] = regionsOf([logs]);
  expect(region).toMatchObject({ title: 'No data: request logs' });
  expect(region?.text).toMatch(/^Loki was away; touches .*requests-sync-per-service/);
});

it('keeps to the sources that are wanted', () => {
  expect(regionsOf([logs, cpu], ['usage-cpu']).map(({ source }) => source)).toEqual(['usage-cpu']);
  expect(regionsOf([logs, cpu], [])).toHaveLength(3);
});

it('leaves out what is no span of time', () => {
  const missing = [
    { from: '', to: '' },
    { from: '2026-10-02T00:00:00.000Z', to: '2026-10-01T00:00:00.000Z' },
  ];
  expect(regionsOf([{ source: 'new-source', missing, notes: [], affected_metrics: [] }])).toEqual([]);
});
