import { sourceNames } from '../domain/sources';
import { missingState, stateOfFindings, stateOfSpans } from './model';
import { completenessEntry } from './notices';
import { regionsOf } from './regions';

const range = { start: 0, end: 10_000 };
const spans = (...starts: number[]) => starts.map((start) => ({ start, end: start + 1000 }));
const logs = completenessEntry(
  stateOfFindings(
    'request-logs',
    range,
    [
      { effect: 'lost', kind: 'unread', spans: spans(5000, 1000), note: 'Loki was away' },
      { effect: 'uncovered', kind: 'declared', spans: spans(8000), note: 'the ingress moved' },
      { effect: 'doubt', spans: [{ start: 500, end: 2500 }], note: 'counted twice' },
    ],
    0
  )
);
const cpu = completenessEntry(missingState('usage-cpu', range, 'Prometheus is down', 0));
const whole = completenessEntry(stateOfSpans('exposed-request-logs', range, [], [], 0));

it('gives what no source covers, in the order of time', () => {
  expect(regionsOf([logs, cpu, whole]).map(({ source, time, timeEnd }) => [source, time, timeEnd])).toEqual([
    ['usage-cpu', 0, 9999],
    ['request-logs', 500, 999],
    ['request-logs', 1000, 1999],
    ['request-logs', 2000, 2499],
    ['request-logs', 5000, 5999],
    ['request-logs', 8000, 8999],
  ]);
});

it('says of each stretch what is the matter with it, and what it affects', () => {
  const told = regionsOf([logs]).map(({ title, text }) => `${title}; ${text.replace(/; affects .*/, '')}`);
  expect(told[0]).toMatch(/^In doubt: request logs; .*counted twice/);
  expect(told[1]).toBe('Not read: request logs; Loki was away');
  expect(told[4]).toBe('Known gap: request logs; the ingress moved');
  expect(regionsOf([logs])[0]?.text).toMatch(/affects .*requests-sync-per-service/);
});

it('keeps to the sources that are wanted', () => {
  expect(regionsOf([logs, cpu], ['usage-cpu']).map(({ source }) => source)).toEqual(['usage-cpu']);
  expect(regionsOf([logs, cpu], [...sourceNames])).toEqual(regionsOf([logs, cpu]));
});

it('leaves a source alone that nobody has to configure, unless it is asked for', () => {
  const roster = { ...cpu, source: 'user-roster', advisory: true } as const;
  expect(regionsOf([roster])).toEqual([]);
  expect(regionsOf([roster], ['user-roster'])).toHaveLength(1);
});

it('leaves out what is no stretch of time', () => {
  const missing = [
    { from: '', to: '', kind: 'unread' as const, note: '' },
    { from: '2026-10-02T00:00:00.000Z', to: '2026-10-01T00:00:00.000Z', kind: 'unread' as const, note: '' },
  ];
  expect(regionsOf([{ ...whole, missing }])).toEqual([]);
});
