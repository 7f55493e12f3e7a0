import { markdownText } from './markdown';
import { printable, printableJson, printableLines, shownCell } from './text';

const hostile = 'a\u001b[2Jb\u0007\u009b31m\u202ec\nd\u200f\u2028';

describe('what a terminal would obey', () => {
  it('is shown in a text, on one line', () => {
    expect(printable(hostile)).toBe('a\\u001b[2Jb\\u0007\\u009b31m\\u202ec\\u000ad\\u200f\\u2028');
    expect(printable('zoë – 東京 👩‍🔬')).toBe('zoë – 東京 👩‍🔬');
  });

  it('is escaped in JSON, whose values are the same', () => {
    const text = printableJson({ user: hostile, more: [1, null] }, 2);
    expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e\u2028]/);
    expect(JSON.parse(text)).toEqual({ user: hostile, more: [1, null] });
    expect(text.split('\n').length).toBe(7);
  });

  it('is shown in lines, which stay lines', () => {
    expect(printableLines('a\tb\nc\u001b]0;x\u0007\n')).toBe('a\tb\nc\\u001b]0;x\\u0007\n');
  });
});

it.each<[Parameters<typeof shownCell>[0], Parameters<typeof shownCell>[1], string]>([
  [null, 'count', '–'],
  [0, 'count', '0'],
  [1234567, 'count', '1,234,567'],
  [1234.5678, 'hours', '1,234.57'],
  [0.004, 'hours', '0.00'],
  [12, 'percent', '12.0'],
  [42, 'number', '42'],
  [42.25, 'number', '42.25'],
  [true, 'flag', 'yes'],
  [false, 'flag', 'no'],
  ['text', 'text', 'text'],
])('shows %j as %s as %s', (cell, type, shown) => {
  expect(shownCell(cell, type)).toBe(shown);
});

it.each([
  ['a|b', 'a\\|b'],
  ['a\nb', 'a\\\\u000ab'],
  ['<img src=x>', '\\<img src=x\\>'],
  ['[x](javascript:alert(1))', '\\[x\\](javascript:alert(1))'],
  ['https://evil.example', 'https&#58;//evil.example'],
  ['www.evil.example', 'www&#46;evil.example'],
  ['*a* `b` ~~c~~ $d$', '\\*a\\* \\`b\\` \\~\\~c\\~\\~ \\$d\\$'],
  ['requests_count_total', 'requests_count_total'],
  ['_emphasis_', '\\_emphasis\\_'],
  ['a &amp; b', 'a &amp;amp; b'],
  ['\\', '\\\\'],
])('writes %j for Markdown as %s', (text, markdown) => {
  expect(markdownText(text)).toBe(markdown);
});
