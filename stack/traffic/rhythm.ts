import { hourMs } from '../../src/core/domain/duration';
import { hoursOf, startOf, type TrafficParameters } from './parameters';
import { createRandom } from './random';
import { randomPaths } from './randomPaths';

/** Share of a working day's peak, per hour of the day in UTC: people in Europe, with batch work at night. */
const hourOfDay = [
  0.22, 0.18, 0.16, 0.15, 0.16, 0.2, 0.32, 0.55, 0.8, 0.95, 1, 0.96, 0.85, 0.88, 0.95, 0.92, 0.8, 0.65, 0.52, 0.45, 0.4,
  0.36, 0.3, 0.26,
];
const dayOfWeek = [0.32, 1, 1.06, 1.08, 1.04, 0.9, 0.38];

/** How busy the platform is in the hour that begins at that time: 1 is the peak of a middling working day. */
export function busyness(hourStart: number): number {
  const date = new Date(hourStart);
  return hourOfDay[date.getUTCHours()]! * dayOfWeek[date.getUTCDay()]!;
}

/** Weight of every hour of the span: busyness, growth over the span and the ups and downs of single days and hours. */
export function hourWeights(parameters: TrafficParameters): number[] {
  const count = hoursOf(parameters);
  const start = startOf(parameters);
  const dayNoise = createRandom(parameters.seed, randomPaths.dayNoise);
  const hourNoise = createRandom(parameters.seed, randomPaths.hourNoise);
  let day = 1;
  return Array.from({ length: count }, (_, hour) => {
    if (hour % 24 === 0) {
      day = dayNoise.logNormal(1, 0.2);
    }
    const growth = 0.75 + (0.5 * hour) / count;
    return busyness(start + hour * hourMs) * growth * day * hourNoise.logNormal(1, 0.25);
  });
}

/**
 * Whole numbers in proportion to the weights whose sum is exactly the total. Each running sum is rounded, not each
 * share, so the error never grows.
 */
export function apportion(total: number, weights: readonly number[]): number[] {
  const sum = weights.reduce((left, right) => left + right, 0);
  let running = 0;
  let given = 0;
  return weights.map((weight, index) => {
    running += weight;
    const upTo = index === weights.length - 1 ? total : Math.round((total * running) / sum);
    const share = upTo - given;
    given = upTo;
    return share;
  });
}
