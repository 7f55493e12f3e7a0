import fc from 'fast-check';

/** Signs and words that mean something somewhere: to an expression, a query, a page, a spreadsheet or the parser of a line. */
const parts = fc.constantFrom(
  ...'"\'`\\|{}[]()<>&$%=+-@＝＋－＠*?.,;:/# \t\r\n\0aZ09é𝒜\ud800'.split(''),
  '{{',
  '}}',
  '{{range}}',
  '{{ ',
  '$&',
  '$1',
  '${a}',
  '\\"',
  '\\n',
  '[[a]]',
  '__proto__',
  'constructor',
  '<img src=x onerror=alert(1)>',
  '&lt;',
  '=1+1',
  ' | ',
  ' | oscar',
  'POST ',
  'POST    /job/a',
  '/run/a',
  '[GIN-EXECUTIONS-LOGGER] ',
  '[GIN] ',
  '| 200 | 1ms | ::1 | ',
  '(a+)+',
  '.*',
  'limit 5',
  'oscar-svc',
  '2026-10-05',
  '99999999999999999999'
);

/** Texts made of such parts, and of anything else. */
export const nastyText: fc.Arbitrary<string> = fc.oneof(
  fc.array(parts, { maxLength: 12 }).map((chosen) => chosen.join('')),
  fc.string({ unit: 'binary', maxLength: 30 }),
  fc.string({ unit: 'grapheme', maxLength: 30 })
);

/** A text in which a part is repeated as often as is asked for. */
export interface Pumped {
  head: string;
  unit: string;
  tail: string;
}

const few = fc.array(parts, { maxLength: 3 }).map((chosen) => chosen.join(''));
const opening = fc.oneof(
  few,
  fc.constantFrom(
    '{a="b"',
    '{{',
    '"',
    'POST    /job/a',
    '[GIN-EXECUTIONS-LOGGER] 2026 | 200 | 1ms | ::1 | POST    /job/a',
    '"log":"[GIN-EXECUTIONS-LOGGER] 2026 | 200 | 1ms | ::1 | POST    /job/a'
  )
);
const unit = fc.array(parts, { minLength: 1, maxLength: 3 }).map((chosen) => chosen.join(''));

export const pumped: fc.Arbitrary<Pumped> = fc.record({ head: opening, unit, tail: few });

export function pump({ head, unit: one, tail }: Pumped, times: number): string {
  return head + one.repeat(times) + tail;
}
