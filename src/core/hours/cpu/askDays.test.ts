import { lastValueFrom, of } from 'rxjs';

import { dayMs, hourMs } from '../../domain/duration';
import { type Span } from '../../domain/span';
import { LruStore } from '../cache/lruStore';
import { DayCompletions, type KeptCompletions } from './askDays';
import { type Completions, noCompletions } from './completedPods';

const day = Date.parse('2026-10-05T00:00:00Z');

/** Completions with a pod without a sample, which is what a day is asked for. */
function withUnsampled(seconds: number): Completions {
  return { ...noCompletions(), unsampledLife: new Map([['a', seconds]]) };
}

/** Asks for the days of windows, one after the other, and gives the stretches that had to be read. */
async function stretchesRead(
  windows: readonly Span[],
  settings: Array<{ now: number; readAgain?: boolean }>,
  warnings: readonly string[] = []
) {
  const store = new LruStore<KeptCompletions>(1000);
  const read: Span[] = [];
  for (const { now, readAgain = false } of settings) {
    const days = new DayCompletions(store, ['uid'], { now, readAgain, settleMs: hourMs }, 'utc');
    for (const window of windows) {
      await lastValueFrom(
        days.of(window, withUnsampled(1), (span) => {
          read.push(span);
          return of({ completions: withUnsampled(2), warnings });
        })
      );
    }
  }
  return read;
}

const morning = { start: day, end: day + 6 * hourMs };
const evening = { start: day + 20 * hourMs, end: day + dayMs };
const later = day + 3 * dayMs;

it('reads a day once for all windows in it, and again when told to', async () => {
  const whole = { start: day, end: day + dayMs };
  expect(await stretchesRead([morning, evening], [{ now: later }, { now: later + dayMs }])).toEqual([whole]);
  expect(await stretchesRead([morning], [{ now: later }, { now: later, readAgain: true }])).toEqual([whole, whole]);
});

it('keeps nothing that the engine calls partial', async () => {
  const whole = { start: day, end: day + dayMs };
  const settings = [{ now: later }, { now: later }];
  expect(await stretchesRead([morning], settings, ['a store did not answer'])).toEqual([whole, whole]);
});

it('reads a day that is not over up to the last full hour, once an hour', async () => {
  const now = day + 6.5 * hourMs;
  const open = { start: day + 5 * hourMs, end: now };
  expect(await stretchesRead([open], [{ now }, { now: now + 60_000 }, { now: now + hourMs }])).toEqual([
    { start: day, end: day + 6 * hourMs },
    { start: day, end: day + 7 * hourMs },
  ]);
});

it('needs nothing but the window where it is the day, where the day has just begun, or where all pods were seen', async () => {
  const own = withUnsampled(1);
  const days = (now: number) =>
    new DayCompletions(new LruStore(10), [], { now, readAgain: false, settleMs: hourMs }, 'utc');
  const never = () => {
    throw new Error('nothing has to be read');
  };
  expect(await lastValueFrom(days(later).of({ start: day, end: day + dayMs }, own, never))).toBe(own);
  const minutes = { start: day, end: day + 600_000 };
  expect(await lastValueFrom(days(minutes.end).of(minutes, own, never))).toBe(own);
  expect(await lastValueFrom(days(later).of(morning, noCompletions(), never))).toEqual(noCompletions());
});
