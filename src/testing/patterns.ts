import fc from 'fast-check';

const atom = fc.constantFrom(
  'a',
  'b',
  '-',
  '.',
  '\\.',
  '\\w',
  '\\W',
  '\\d',
  '\\s',
  '\\x61',
  '\\u0062',
  '\\cJ',
  '\\0',
  '\\-',
  '[ab]',
  '[^a]',
  '[\\w-]',
  '[^]',
  '[]',
  '^',
  '$',
  '\\b',
  '\\B',
  '{',
  ']'
);
const quantifier = fc.constantFrom('', '', '', '*', '+', '?', '{2}', '{0,2}', '{1,}', '*?', '+?', '??');

/** Regular expressions that ECMAScript accepts, of every construct that rules may have; quantifiers nest, too. */
export const patternText: fc.Arbitrary<string> = fc
  .letrec<{ pattern: string; part: string; inner: string }>((tie) => ({
    pattern: fc
      .array(
        fc.array(tie('part'), { maxLength: 4 }).map((parts) => parts.join('')),
        { minLength: 1, maxLength: 3 }
      )
      .map((options) => options.join('|')),
    part: fc
      .tuple(fc.oneof({ weight: 4, arbitrary: atom }, { weight: 1, arbitrary: tie('inner') }), quantifier)
      .map(([body, sign]) => body + sign),
    inner: fc
      .tuple(fc.constantFrom('(', '(?:', '(?=', '(?!', '(?<=', '(?<!'), tie('pattern'))
      .map(([open, pattern]) => `${open}${pattern})`),
  }))
  .pattern.filter(isExpression);

function isExpression(pattern: string): boolean {
  try {
    new RegExp(pattern);
    return pattern !== '';
  } catch {
    return false;
  }
}

/** Short texts of few characters, so that patterns match and nearly match; short enough for an engine that goes back. */
export const textFor: fc.Arbitrary<string> = fc
  .array(fc.constantFrom('a', 'b', '-', '.', '1', ' ', '\n', '\0', 'é', '{', ']'), { maxLength: 9 })
  .map((characters) => characters.join(''));
