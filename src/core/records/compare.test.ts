import fc from 'fast-check';

import { daySpan, recordOf, timedRequests } from '../../testing/recordedDay';
import { differencesOf } from './compare';
import { type DayHours, quarterOf, quartersInDay } from './dayRecord';
import { hoursOf } from './hoursOf';

const key = { type: 'sync', service: 'yolo', user: 'a', country: 'ES', auth: '', outcome: 'succeeded' } as const;

it('finds no difference between two counts of the same requests, and one where a request was added', () => {
  fc.assert(
    fc.property(timedRequests, fc.nat(86_399_999), (requests, at) => {
      const record = recordOf(requests);
      expect(differencesOf(record, recordOf([...requests].reverse()), daySpan)).toEqual([]);
      const more = recordOf([...requests, { at, key }]);
      const expected = `requests: ${requests.length} recorded, ${requests.length + 1} counted`;
      expect(differencesOf(record, more, daySpan)[0]).toBe(expected);
    }),
    { numRuns: 40 }
  );
});

it('finds another user, and another time', () => {
  const record = recordOf([{ at: 5, key }]);
  const reason = ['as many requests in each quarter hour, but of other keys or times'];
  expect(differencesOf(record, recordOf([{ at: 5, key: { ...key, user: 'b' } }]), daySpan)).toEqual(reason);
  expect(differencesOf(record, recordOf([{ at: 6, key }]), daySpan)).toEqual(reason);
});

it('compares hours by quarter hour and service, but for what rounding makes of them', () => {
  const recordWith = (first: number): DayHours =>
    hoursOf({
      ...{ family: 'cpu', day: daySpan, findings: [], patterns: 1, settings: {} },
      view: {
        ...{ missing: [], notes: [], warnings: [] },
        windows: Array.from({ length: quartersInDay }, (_, index) => ({
          ...quarterOf(daySpan.start, index),
          hours: new Map([['yolo', index === 0 ? first : 0.25]]),
        })),
      },
    });
  expect(differencesOf(recordWith(0.25), recordWith(0.250_000_001), daySpan)).toEqual([]);
  expect(differencesOf(recordWith(0.25), recordWith(0.5), daySpan)).toEqual([
    'hours: 24.0000 recorded, 24.2500 counted; quarter hours of services that differ: 1',
  ]);
  expect(differencesOf(recordWith(0.25), recordWith(0), daySpan)[0]).toMatch(/^hours: 24.0000 recorded, 23.7500/);
  expect(differencesOf(recordWith(0.25), recordOf([]), daySpan)).toEqual(['they are of different families']);
});
