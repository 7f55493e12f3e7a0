import fc from 'fast-check';

import { patternText, textFor } from '../../testing/patterns';
import { LinearPattern, patternProblem } from './pattern';

it.each<[string, RegExp]>([
  ['', /must not be empty: it would match everybody/],
  ['  ', /must not be empty/],
  ['a|', /it would match everybody/],
  ['x*', /it would match everybody/],
  ['()', /it would match everybody/],
  ['^', /it would match everybody/],
  ['(', /^: Invalid regular expression/],
  ['a'.repeat(1001), /at most 1000 characters/],
  ['^([\\w.]+)+@example\\.org$', /must not repeat what is repeated already/],
  ['(a*)*', /repeated already/],
  ['(?:(?:a|b+)c?){2,}', /repeated already/],
  ['(?:x(?=a+))*', /repeated already/],
  ['([a-z]+-){3}', /repeated already/],
  ['(?:(?:a{1,99}){1,99}){1,99}', /too many repetitions/],
  ['(a)\\1', /back references/],
  ['(?<x>a)\\k<x>', /back references/],
])('refuses %p', (pattern, problem) => {
  expect(patternProblem(pattern)).toMatch(problem);
});

it.each([
  '.',
  '^[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}$',
  '^[^@]+@[^@]+$',
  '(?:a|b)*c',
  '^(?!nil$).+',
  '(?:a?){20}b',
  '^$',
  '.*',
  '{',
  'a{,2}',
])('takes %p', (pattern) => {
  expect(patternProblem(pattern)).toBeUndefined();
});

it('finds what the engine finds', () => {
  fc.assert(
    fc.property(patternText, textFor, (pattern, text) => {
      const expression = new RegExp(pattern);
      const own = new LinearPattern(pattern);
      expect([pattern, text, own.isIn(text)]).toEqual([pattern, text, expression.test(text)]);
    }),
    { numRuns: 3000 }
  );
});

it.each(['(a|a)*b', '(a|ab|b)*c', 'a*a*a*a*b', '(a?){40}a{40}', '(.*)(.*)(.*)(.*)x', '(?=.*b)(?!.*c)a'])(
  'looks at each instruction of %p once a character',
  (pattern) => {
    const own = new LinearPattern(pattern);
    own.isIn('a'.repeat(256));
    expect(own.counter.steps).toBeLessThanOrEqual(257 * (own.program.instructions.length + 20));
  }
);
