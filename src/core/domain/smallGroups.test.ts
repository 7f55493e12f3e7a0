import fc from 'fast-check';

import { hiddenGroups } from './smallGroups';

it.each<[string, Record<string, number>, number, string[]]>([
  ['nothing when it is off', { a: 1, b: 9 }, 0, []],
  ['nothing when nobody can be fewer than one', { a: 1, b: 9 }, 1, []],
  ['no empty group', { a: 0, b: 5 }, 5, []],
  ['all that are small', { a: 1, b: 2, c: 9 }, 3, ['a', 'b']],
  ['the next smallest with a single one', { a: 1, b: 9, c: 7 }, 3, ['a', 'c']],
  ['the first by name of equal ones', { a: 1, z: 7, c: 7 }, 3, ['a', 'c']],
  ['a group that is all there is', { a: 1, b: 0 }, 3, ['a']],
])('hides %s', (_, groups, smallest, hidden) => {
  expect([...hiddenGroups(Object.entries(groups), smallest)].sort()).toEqual(hidden);
});

it('never leaves a single group to be told from a total, whatever the order', () => {
  const groups = fc.uniqueArray(fc.tuple(fc.string(), fc.nat({ max: 12 })), { selector: ([name]) => name });
  fc.assert(
    fc.property(groups, fc.integer({ min: 2, max: 8 }), (list, smallest) => {
      const hidden = hiddenGroups(list, smallest);
      const people = new Map(list);
      const small = list.filter(([, count]) => count > 0 && count < smallest).map(([name]) => name);
      expect(small.every((name) => hidden.has(name))).toBe(true);
      expect(hidden.size).toBe(small.length === 1 && list.some(([, count]) => count >= smallest) ? 2 : small.length);
      const least = Math.min(...list.filter(([name]) => !hidden.has(name)).map(([, count]) => count || Infinity));
      for (const name of hidden) {
        expect(people.get(name)).toBeGreaterThan(0);
        expect(people.get(name)).toBeLessThanOrEqual(Math.max(smallest - 1, least));
      }
      expect(hiddenGroups([...list].reverse(), smallest)).toEqual(hidden);
    })
  );
});
