import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';

/** A deterministic source of random draws. */
export interface Random {
  /** Uniform in [0, 1). */
  float(): number;
  /** Uniform whole number, both ends inclusive. */
  integer(low: number, high: number): number;
  /** True with that probability. */
  chance(probability: number): boolean;
  /** One element, all equally likely. The list must not be empty. */
  pick<T>(list: readonly T[]): T;
  /** Log-normal with that median; `sigma` is the standard deviation of the logarithm. */
  logNormal(median: number, sigma: number): number;
  /** Lower-case hexadecimal text. */
  hex(length: number): string;
  /** A UUID of version 4 in lower case. */
  uuid(): string;
}

/**
 * A random source of its own for every path of numbers below the seed, so that one part of the data (an hour, say) can
 * be generated without those before it, and a new draw in one part leaves the others as they were.
 */
export function createRandom(seed: number, ...path: number[]): Random {
  const generator = xoroshiro128plus(mix(seed, path));
  const float = () => uniformFloat64(generator);
  const integer = (low: number, high: number) => uniformInt(generator, low, high);
  const hex = (length: number) => {
    let text = '';
    while (text.length < length) {
      text += (generator.next() >>> 0).toString(16).padStart(8, '0');
    }
    return text.slice(0, length);
  };
  return {
    float,
    integer,
    chance: (probability) => float() < probability,
    pick: (list) => list[Math.floor(float() * list.length)]!,
    logNormal: (median, sigma) => {
      // Box-Muller; 1 - u keeps the logarithm's argument above zero.
      const normal = Math.sqrt(-2 * Math.log(1 - float())) * Math.cos(2 * Math.PI * float());
      return median * Math.exp(sigma * normal);
    },
    hex,
    uuid: () => `${hex(8)}-${hex(4)}-4${hex(3)}-${'89ab'.charAt(integer(0, 3))}${hex(3)}-${hex(12)}`,
  };
}

/** Draws an index with a probability in proportion to its weight. */
export type Picker = (random: Random) => number;

/**
 * Weights must be finite and not negative, with a positive sum.
 * @throws RangeError otherwise.
 */
export function createPicker(weights: readonly number[]): Picker {
  const cumulative = new Float64Array(weights.length);
  let sum = 0;
  weights.forEach((weight, index) => {
    if (!(weight >= 0 && Number.isFinite(weight))) {
      throw new RangeError(`weight ${weight} at ${index} is not a finite number of at least 0`);
    }
    sum += weight;
    cumulative[index] = sum;
  });
  if (!(sum > 0)) {
    throw new RangeError('the sum of the weights must be positive');
  }
  return (random) => {
    const wanted = random.float() * sum;
    let low = 0;
    let high = cumulative.length - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (cumulative[middle]! > wanted) {
        high = middle;
      } else {
        low = middle + 1;
      }
    }
    return low;
  };
}

/** Zipf's law: the weight of rank 1, 2, 3… falls with that power of the rank. */
export function zipfWeights(count: number, exponent: number): number[] {
  return Array.from({ length: count }, (_, index) => (index + 1) ** -exponent);
}

/** A copy in random order (Fisher-Yates). */
export function shuffled<T>(list: readonly T[], random: Random): T[] {
  const copy = [...list];
  for (let index = copy.length - 1; index > 0; index--) {
    const other = random.integer(0, index);
    [copy[index], copy[other]] = [copy[other]!, copy[index]!];
  }
  return copy;
}

/** Neighbouring seeds and paths must give unrelated generators, hence a hash with a strong avalanche (murmur3's). */
function mix(seed: number, path: readonly number[]): number {
  let state = avalanche(seed | 0);
  for (const step of path) {
    state = avalanche(Math.imul(state, 31) + (step | 0));
  }
  return state;
}

function avalanche(value: number): number {
  let state = (value ^ 0x9e3779b9) | 0;
  state = Math.imul(state ^ (state >>> 16), 0x85ebca6b);
  state = Math.imul(state ^ (state >>> 13), 0xc2b2ae35);
  return state ^ (state >>> 16);
}
