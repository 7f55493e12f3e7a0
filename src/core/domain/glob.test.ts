import fc from 'fast-check';

import { globMatcher, isGlob } from './glob';

it.each<[string, string[], string[]]>([
  ['*@lab.org', ['x@lab.org', '@lab.org', 'a/b@lab.org', 'x@y@lab.org'], ['x@lab.org.uk', 'x@labXorg']],
  ['lab-?', ['lab-1', 'lab-/'], ['lab-', 'lab-12']],
  ['*-*-*-*@partner.org', ['a-b-c-d@partner.org', '---@partner.org'], ['a-b-c@partner.org']],
  ['[a-c]x[!0-9]', ['axx', 'cx-'], ['dxx', 'ax0', 'ax']],
  ['[^a]', ['b'], ['a', '']],
  ['[]a]', [']', 'a'], ['[]a]', 'b']],
  ['[a-]', ['a', '-'], ['b']],
  ['[abc', ['[abc'], ['a']],
  ['a\\*b', ['a*b'], ['axb']],
  ['**', ['', 'abc'], []],
  ['a*', ['a', 'a\n\r'], ['ba']],
  ['{a,b}', ['{a,b}'], ['a']],
  ['!a*', ['!ab'], ['b']],
])('%s', (glob, matched, others) => {
  const matches = globMatcher(glob);
  expect(matched.filter(matches)).toEqual(matched);
  expect(others.filter(matches)).toEqual([]);
});

it('tells globs from ids', () => {
  expect(['a*', 'a?', '[a]', 'a', 'a.b', '(none)', ''].filter(isGlob)).toEqual(['a*', 'a?', '[a]']);
});

it('matches what the same expression matches', () => {
  const sign = fc.constantFrom('a', 'b', '.', '*', '?');
  fc.assert(
    fc.property(fc.array(sign, { maxLength: 8 }), fc.stringMatching(/^[ab.]{0,10}$/), (signs, text) => {
      const parts = signs.map((one) => (one === '*' ? '.*' : one === '?' ? '.' : one === '.' ? '\\.' : one));
      expect(globMatcher(signs.join(''))(text)).toBe(new RegExp(`^${parts.join('')}$`, 's').test(text));
    })
  );
});
