import { growsTooFast } from '../testing/steps';
import { textWork } from '../testing/textWork';

/** Parts of texts that expressions here look for, and what might make them go back. */
const units = [
  ' ',
  '\t',
  '\r',
  '\n',
  '"',
  '\\"',
  '\\',
  "'",
  " '",
  '`',
  '{',
  '}',
  '{{',
  '{{ ',
  '{{ a ',
  '|',
  ' |',
  ' | ',
  '| oscar ',
  ' | oscar | a ',
  '[',
  '[G',
  '[GIN] ',
  '(a) ',
  '(',
  ')',
  ' - ',
  '["',
  ',',
  ', ',
  'a="b",',
  'a="b" ',
  '0',
  '1.',
  '1ms',
  '1s2',
  '.',
  'a',
  'a ',
  '-a',
  '-dlp-a',
  '-predictor-',
  '-predictor-a-',
  '-00000001-',
  '-deployment-a',
  '/',
  '\\/',
  'POST ',
  'POST /job/',
  '[GIN-EXECUTIONS-LOGGER',
  '] 0 | 401 | a | b | POST /job/a | oscar ',
  'limit ',
  'exceeded series limit ',
  'query time range exceeds the limit (query length: ',
  'invalid query, through < from (',
  'number of matching ',
  '%',
  'é',
];
const heads = [
  '',
  '"',
  '{',
  '{a="b"',
  '{{',
  'POST /job/',
  '[GIN-EXECUTIONS-LOGGER] 2026 | 200 | 1ms | ::1 | POST    /job/a',
  'image-puller-',
];
const tails = ['', 'x'];

describe.each(Object.entries(textWork))('%s', (_name, work) => {
  it('takes linear time', () => {
    const worst = heads
      .flatMap((head) => units.flatMap((unit) => tails.map((tail) => [head, unit, tail] as const)))
      .filter(([head, unit, tail]) => growsTooFast(work, (times) => head + unit.repeat(times) + tail));
    expect(worst).toEqual([]);
  });
});
