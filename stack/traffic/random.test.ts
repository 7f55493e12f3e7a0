import { createPicker, createRandom, shuffled, zipfWeights } from './random';

const draws = (...path: number[]) => {
  const random = createRandom(1, ...path);
  return Array.from({ length: 5 }, () => random.float());
};

it('repeats itself for one path and differs for another', () => {
  expect(draws(1, 2)).toEqual(draws(1, 2));
  expect(draws(1, 2)).not.toEqual(draws(2, 1));
  expect(draws(1)).not.toEqual(draws(1, 0));
});

it('draws in proportion to the weights', () => {
  const random = createRandom(7);
  const pick = createPicker([1, 0, 3]);
  const counts = [0, 0, 0];
  for (let draw = 0; draw < 4000; draw++) {
    counts[pick(random)]!++;
  }
  expect(counts[1]).toBe(0);
  expect(counts[2]! / counts[0]!).toBeCloseTo(3, 0);
});

it.each([[[]], [[0, 0]], [[1, -1]], [[NaN]]])('refuses the weights %j', (weights) => {
  expect(() => createPicker(weights)).toThrow(RangeError);
});

it('writes UUIDs and hexadecimal text of the asked length', () => {
  const random = createRandom(3);
  expect(random.uuid()).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  expect(random.hex(13)).toMatch(/^[0-9a-f]{13}$/);
});

it('shuffles without losing anything', () => {
  const list = Array.from({ length: 50 }, (_, index) => index);
  const mixed = shuffled(list, createRandom(1));
  expect(mixed).not.toEqual(list);
  expect([...mixed].sort((left, right) => left - right)).toEqual(list);
});

it('lets popularity fall with the rank', () => {
  expect(zipfWeights(3, 1)).toEqual([1, 1 / 2, 1 / 3]);
});
