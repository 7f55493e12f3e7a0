import fc from 'fast-check';

import { globMatcher } from '../../src/core/domain/glob';
import { membershipClassifier, membershipIn } from '../../src/core/domain/membership';
import { type Instruction, LinearPattern, patternProblem } from '../../src/core/domain/pattern';
import { maxUserCharacters } from '../../src/core/domain/users';
import { declaredGapsOf } from '../../src/core/evidence/declaredGaps';
import { selectorProblem } from '../../src/core/expr/logql';
import { optionNames } from '../../src/core/optionsSchema';
import { settingsFrom } from '../../src/core/settings';
import { patternText, textFor } from '../../src/testing/patterns';
import { growsTooFast } from '../../src/testing/steps';
import { demand, demandEqual, type FuzzProperty, property } from './property';
import { nastyText, pump, pumped } from './texts';

const anyOptions = fc.oneof(
  fc.anything(),
  fc.dictionary(fc.constantFrom(...optionNames), fc.oneof(fc.anything(), nastyText)),
  fc.record({
    roster: fc.array(nastyText, { maxLength: 4 }),
    membershipRules: fc.array(
      fc.record({ pattern: fc.oneof(patternText, nastyText), membership: fc.constant('member') }),
      {
        maxLength: 3,
      }
    ),
  })
);

const single = fc.constantFrom('a', '\\w', '[\\w.]', '.', '(?:a|b)', 'ab');
const endless = fc.constantFrom('*', '+', '{1,}', '{2,}', '*?');
const again = fc.constantFrom('*', '+', '{2,}', '{1,30}', '{3}', '+?');
const nested = fc
  .tuple(
    single,
    endless,
    fc.constantFrom('', 'b', '\\s?'),
    fc.constantFrom('(', '(?:', '(x|'),
    again,
    fc.constantFrom('', '$', '!', '@b')
  )
  .map(([one, inner, more, open, outer, end]) => `^${open}${one}${inner}${more})${outer}${end}`);

/** Patterns that an engine which goes back tries in many ways, though they nest no quantifiers. */
const ambiguous = fc.constantFrom(
  '(?:a|a)*c',
  '(?:a|ab|b)*c',
  '(?:[ab]|a|-)+c',
  'a*a*a*c',
  '(?:a?){12}(?:a?){12}c',
  '.*.*.*c'
);

const globSign = fc.constantFrom('*', '*', '?', 'a', 'b', '-', '.', '[ab]', '[!a]');
const glob = fc.array(globSign, { maxLength: 10 }).map((signs) => signs.join(''));

/** The expression of a glob, for short texts. */
function expressionOf(text: string): RegExp {
  const source = text.replace(/[.]/g, '\\.').replace(/\[!/g, '[^').replace(/\?/g, '[^]').replace(/\*+/g, '[^]*');
  return new RegExp(`^${source}$`);
}

function sizeOf(instructions: readonly Instruction[]): number {
  return instructions.reduce((sum, one) => sum + 1 + (one.kind === 'look' ? sizeOf(one.program.instructions) : 0), 0);
}

export const optionProperties: readonly FuzzProperty[] = [
  property('options of any form give settings that can be used', 3, anyOptions, (stored) => {
    const settings = settingsFrom(stored);
    demand(settings.problem === undefined || typeof settings.problem === 'string', 'a problem is a text');
    membershipClassifier(settings.roster, settings.membershipRules)('someone', ['']);
    declaredGapsOf(settings.knownGaps);
    demandEqual(selectorProblem(settings.requestSelector), undefined, 'the selector');
  }),
  property('a rule that repeats what is repeated is refused', 1, nested, (pattern) => {
    demand(/repeated already/.test(patternProblem(pattern) ?? ''), 'it is taken');
    const { problem } = settingsFrom({ membershipRules: [{ pattern, membership: 'member' }] });
    demand(problem !== undefined, 'it is loaded');
  }),
  property(
    'a rule finds what the engine finds, and looks at each instruction once a character',
    3,
    fc.tuple(patternText, textFor),
    ([pattern, text]) => {
      if (patternProblem(pattern)?.startsWith(': ')) {
        return;
      }
      const own = new LinearPattern(pattern);
      demandEqual(own.isIn(text), new RegExp(pattern).test(text), 'found');
      const most = sizeOf(own.program.instructions) * (text.length + 1);
      demand(own.counter.steps <= most, `${own.counter.steps} steps of at most ${most}`);
    }
  ),
  property(
    'a rule takes steps in proportion to the text',
    1,
    fc.tuple(fc.oneof(patternText, ambiguous), fc.constantFrom('a', 'ab', 'b-', '.a')),
    ([pattern, one]) => {
      if (patternProblem(pattern)?.startsWith(': ')) {
        return;
      }
      const grown = new LinearPattern(pattern);
      demand(
        !growsTooFast(
          (user) => grown.isIn(user),
          (times) => `${one.repeat(times)}!`,
          15
        ),
        'it grows too fast'
      );
      const own = new LinearPattern(pattern);
      const text = `${one.repeat(60)}!`;
      own.isIn(text);
      demand(own.counter.steps <= sizeOf(own.program.instructions) * (text.length + 1), `${own.counter.steps} steps`);
    }
  ),
  property('a glob matches what its expression matches', 3, fc.tuple(glob, textFor), ([signs, text]) => {
    demandEqual(globMatcher(signs)(text), expressionOf(signs).test(text), 'matched');
  }),
  property('a glob does not go back for long', 1, fc.tuple(glob, pumped), ([signs, form]) => {
    const matches = globMatcher(`*${signs}*x`);
    demand(!growsTooFast(matches, (times) => pump({ ...form, unit: 'a-' }, times), 20), 'it grows too fast');
  }),
  property(
    'rules and globs see 256 characters of a user at most, and each user once',
    1,
    fc.tuple(nastyText, fc.integer({ min: 1, max: 400 })),
    ([text, length]) => {
      const seen: string[] = [];
      const native = LinearPattern.prototype.isIn;
      LinearPattern.prototype.isIn = function (user) {
        seen.push(user);
        return native.call(this, user);
      };
      try {
        const rules = [{ pattern: `^[^]{${maxUserCharacters * 2 + 1}}`, membership: 'member' as const }];
        const settings = { roster: ['?'.repeat(maxUserCharacters * 2 + 1)], membershipRules: rules };
        const user = `${text}a`.repeat(length);
        const found = [1, 2, 3].map(() => membershipIn(settings)(user, ['']));
        demandEqual(found, ['unknown', 'unknown', 'unknown'], 'membership');
        demandEqual(seen.length, 1, 'comparisons');
        demand([...(seen[0] ?? '')].length <= maxUserCharacters, 'the rule saw more');
      } finally {
        LinearPattern.prototype.isIn = native;
      }
    }
  ),
];
