import fc from 'fast-check';

import { exactSum, ExactSums } from './sums';

const number = fc.oneof(
  fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e12, max: 1e12 }),
  fc.constantFrom(1e16, -1e16, 1, -1, 0.1, 1e-9, 2 ** 53, 2 ** -60)
);

/** A double as a fraction of whole numbers; every finite double of these sizes is one. */
const scaled = (value: number) => {
  const [bits] = new BigInt64Array(new Float64Array([value]).buffer);
  const exponent = Number((bits ?? 0n) >> 52n) & 0x7ff;
  const fraction = (bits ?? 0n) & ((1n << 52n) - 1n);
  const mantissa = exponent === 0 ? fraction : fraction | (1n << 52n);
  const signed = value < 0 ? -mantissa : mantissa;
  return signed << BigInt(Math.max(exponent, 1));
};

it('is the sum without any rounding, rounded once', () => {
  fc.assert(
    fc.property(fc.array(number, { maxLength: 60 }), (values) => {
      const exact = values.reduce((sum, value) => sum + scaled(value), 0n);
      const found = scaled(exactSum(values));
      const distance = (one: bigint) => (one > exact ? one - exact : exact - one);
      // No neighbour of the sum is nearer.
      const step = 1n << BigInt(Math.max(0, found.toString(2).replace('-', '').length - 53));
      expect(distance(found) <= distance(found + step)).toBe(true);
      expect(distance(found) <= distance(found - step)).toBe(true);
    })
  );
});

it('does not depend on the order of the numbers', () => {
  fc.assert(
    fc.property(
      fc
        .array(number, { minLength: 2, maxLength: 60 })
        .chain((values) => fc.tuple(fc.constant(values), fc.shuffledSubarray(values, { minLength: values.length }))),
      ([values, shuffled]) => {
        expect(exactSum(shuffled)).toBe(exactSum(values));
      }
    )
  );
});

it.each([
  [[], 0],
  [[0.1, 0.2, 0.3, -0.6], 2 ** -54 - 2 ** -55],
  [[1e16, 1, 1e-16], 1e16 + 2],
  [[1e16, 1, 1], 1e16 + 2],
  [[2 ** 53, 1], 2 ** 53],
  [[1, NaN], NaN],
  [[1, Infinity], Infinity],
])('sums %j', (values, sum) => {
  expect(exactSum(values)).toBe(sum);
});

it('sums by key', () => {
  const sums = new ExactSums<string>().add('a', 0.1).add('b', 1).add('a', 0.2).add('a', -0.3);
  expect([...sums.toMap()]).toEqual([
    ['a', exactSum([0.1, 0.2, -0.3])],
    ['b', 1],
  ]);
});
