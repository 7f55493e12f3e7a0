import fc from 'fast-check';

import { day, daySpan } from '../../testing/recordedDay';
import { quarterHourMs } from '../domain/duration';
import { type UsageView, type UsageWindow } from '../hours/view';
import { type DayHours, quarterOf, quartersInDay } from './dayRecord';
import { hoursOf } from './hoursOf';
import { readRecords } from './readRecords';
import { recordedHours } from './recordedCells';
import { linesOf } from './writeLines';

const hours = fc.dictionary(
  fc.constantFrom('yolo', 'cowsay', '(unattributed)'),
  fc.oneof(fc.constant(0), fc.double({ min: 0, max: 64, noNaN: true })),
  { maxKeys: 3 }
);
const windows = fc
  .array(hours, { minLength: quartersInDay, maxLength: quartersInDay })
  .map((all) =>
    all.map((own, index): UsageWindow => ({ ...quarterOf(daySpan.start, index), hours: new Map(Object.entries(own)) }))
  );

const viewOf = (all: UsageWindow[]): UsageView => ({ windows: all, missing: [], notes: [], warnings: [] });

const recordOf = (view: UsageView, family: 'cpu' | 'gpu' = 'cpu') =>
  hoursOf({ family, day: daySpan, view, findings: [], patterns: 1, settings: {} });

async function readAgain(record: DayHours): Promise<DayHours> {
  const lines = await linesOf(record, day, { recordedAt: daySpan.end, product: '0.1.0' });
  const { days, strangers } = await readRecords(lines);
  expect([strangers, days[0]?.refused]).toEqual([[], []]);
  return days[0]?.valid?.record as DayHours;
}

it('keeps hours by quarter hour and service to a billionth of an hour', async () => {
  await fc.assert(
    fc.asyncProperty(windows, fc.nat(95), fc.integer({ min: 1, max: 96 }), async (all, first, length) => {
      const record = await readAgain(recordOf(viewOf(all)));
      const span = {
        start: daySpan.start + first * quarterHourMs,
        end: Math.min(daySpan.end, daySpan.start + (first + length) * quarterHourMs),
      };
      const read = recordedHours(record, daySpan, span);
      const own = all.filter(({ start, end }) => start >= span.start && end <= span.end);
      for (const service of ['yolo', 'cowsay', '(unattributed)']) {
        const sum = own.reduce((total, window) => total + (window.hours.get(service) ?? 0), 0);
        expect(Math.abs((read.get(service) ?? 0) - sum)).toBeLessThan(own.length * 0.5e-9 + 1e-10);
      }
    }),
    { numRuns: 30 }
  );
});

it('keeps both kinds of GPU hours where both are known of the whole day', async () => {
  const all = Array.from({ length: quartersInDay }, (_, index): UsageWindow => ({
    ...quarterOf(daySpan.start, index),
    hours: new Map([['yolo', 0.25]]),
  }));
  const half = all.map((window) => ({ ...window, hours: new Map([['yolo', 0.125]]) }));
  const kinds = { allocated: viewOf(all), active: viewOf(half) };
  const record = await readAgain(recordOf({ ...viewOf(all), gpu: kinds }, 'gpu'));
  expect(recordedHours(record, daySpan, daySpan, 'active').get('yolo')).toBe(12);
  expect(recordedHours(record, daySpan, daySpan, 'allocated').get('yolo')).toBe(24);
  const unread = { ...kinds, active: { ...viewOf(half.slice(1)), missing: [quarterOf(daySpan.start, 0)] } };
  expect(Object.keys(recordOf({ ...viewOf(all), gpu: unread }, 'gpu').tables)).toEqual(['hours']);
});

it('takes quarter hours without a window for lost, and refuses windows of another length', () => {
  const all = Array.from({ length: quartersInDay }, (_, index): UsageWindow => ({
    ...quarterOf(daySpan.start, index),
    hours: new Map([['yolo', 0.25]]),
  }));
  const holed = recordOf(viewOf(all.slice(2)));
  expect(holed.findings).toMatchObject([
    { effect: 'lost', spans: [{ start: daySpan.start, end: daySpan.start + 2 * quarterHourMs }] },
  ]);
  expect(recordedHours(holed, daySpan, daySpan).get('yolo')).toBe(23.5);
  const hourly = {
    ...quarterOf(daySpan.start, 0),
    end: daySpan.start + 4 * quarterHourMs,
    hours: new Map<string, number>(),
  };
  expect(() => recordOf(viewOf([hourly]))).toThrow(RangeError);
});
