import { lineOptions } from '../../testing/lineOptions';
import { defaultExposedSelector, defaultRequestSelector } from '../settings';
import {
  accessLogPattern,
  countExpr,
  countLinesExpr,
  exposedFamily,
  ingressCallsExpr,
  linesExpr,
  naming,
  narrowed,
  nginxMessagePattern,
  quoteLogql,
  requestFamily,
  selectorProblem,
  suspectsExpr,
  timeExpr,
  totalExpr,
  unsortedLinesExpr,
  unsplit,
  valueMatcher,
} from './logql';

it.each([
  defaultRequestSelector,
  defaultExposedSelector,
  '{namespace="oscar"}',
  ' { namespace = "oscar" , app!~"x.*", pod!="a", } ',
  '{app=`a"b`}',
  '{app="a\\"b, c=\\"}"}',
  '{app=~"a|b"}',
])('accepts %s', (selector) => {
  expect(selectorProblem(selector)).toBeUndefined();
});

it.each([
  '',
  '{}',
  'app="oscar"',
  '{app="oscar"',
  '{app=oscar}',
  '{app="oscar}',
  '{app="oscar" namespace="x"}',
  '{app="oscar"} |= "POST"',
  '{app="oscar"} |= "}"',
  '{app="oscar"} | json | x="}',
  '{app="a"} or {app="b"}',
  '{app="oscar",,b="c"}',
  '{1a="b"}',
  '{app=="b"}',
  `{app='oscar'}`,
  '{app="a\nb"}',
])('refuses %s', (selector) => {
  expect(selectorProblem(selector)).toBeDefined();
});

describe('the pattern of access lines', () => {
  const pattern = new RegExp(accessLogPattern);
  const accessLine = '[GIN] 2026/01/20 - 09:34:35 | 404 |  1ms | 203.0.113.42 | POST "/[GIN-EXECUTIONS-LOGGER]"';
  const request = '[GIN-EXECUTIONS-LOGGER] 2026/01/20 - 09:34:35 | 201 | 1.4s | 203.0.113.42 | POST    /job/[GIN] | a';

  it.each(['', '2026-01-20T09:34:35.919996606Z stderr F ', '2026-01-20T09:34:35.919+02:00 stdout P '])(
    'holds for access lines only, after "%s"',
    (prefix) => {
      expect(prefix + accessLine).toMatch(pattern);
      expect(prefix + request).not.toMatch(pattern);
    }
  );

  it.each([accessLogPattern, nginxMessagePattern])('has no negated class, which costs Loki milliseconds', (text) => {
    expect(text).not.toMatch(/\[\^|\\[SDW]/);
  });
});

it('counts [start, end) at millisecond resolution', () => {
  const expr = countExpr(requestFamily('{a="b"}', lineOptions), 60_000, 1);
  expect(expr).toMatch(
    /^sum by \(oscar_call, oscar_status, oscar_quote, oscar_rejected, oscar_cut, oscar_other, geoip_country_code, geoip_country_name, country, country_code, auth_method\) \(/
  );
  expect(expr).toMatch(/ \[60000ms\] offset 1ms\)\)$/);
  expect(countExpr(exposedFamily('{a="b"}', lineOptions), 1, 0)).toMatch(/ \[1ms\]\)\)$/);
});

it('asks for lines with the labels that counts have, and for their number without extracting anything', () => {
  const family = requestFamily('{a="b"}', lineOptions);
  expect(linesExpr(family)).toBe(
    `{a="b"} ${family.filters} | keep geoip_country_code, geoip_country_name, country, country_code, auth_method`
  );
  expect(totalExpr(family, 60_000, 1)).toBe(`sum(count_over_time({a="b"} ${family.filters} [60000ms] offset 1ms))`);
  expect(exposedFamily('{a="b"}', lineOptions).extract).toBeUndefined();
});

it('quotes what would end a literal', () => {
  expect(quoteLogql('a"b\\c\nd')).toBe('"a\\"b\\\\c\\nd"');
});

it('counts lines by the labels of their streams, and apart those that are all one text', () => {
  const requests = requestFamily('{a="b"}', lineOptions);
  const countries = 'geoip_country_code, geoip_country_name, country, country_code';
  expect(countLinesExpr(requests, 60_000, 1)).toBe(
    `sum by (oscar_rejected, oscar_cut, ${countries}, auth_method) (count_over_time({a="b"} ${requests.filters} ${requests.sorter} [60000ms] offset 1ms))`
  );
  const exposed = exposedFamily('{a="b"}', lineOptions);
  expect(countLinesExpr(exposed, 60_000, 0)).toBe(
    `sum by (${countries}) (count_over_time({a="b"} ${exposed.filters} [60000ms]))`
  );
});

it('asks for the lines without those that the count gives as sorted', () => {
  const requests = requestFamily('{a="b"}', lineOptions);
  const keep = '| keep geoip_country_code, geoip_country_name, country, country_code, auth_method';
  expect(unsortedLinesExpr(requests)).toBe(
    `{a="b"} ${requests.filters} ${requests.sorter} | oscar_rejected = "" ${keep}`
  );
  const all = requestFamily('{a="b"}', { ...lineOptions, rejected: 'count' });
  expect(unsortedLinesExpr(all)).toBe(linesExpr(all));
});

it.each([
  ['{a="b"}', '{a="b", x="1"}'],
  [' { a = "b", } ', '{ a = "b", x="1"}'],
  ['{a="b",c=~"}" , }', '{a="b",c=~"}", x="1"}'],
  ['{a="b}"\n,\n}\n', '{a="b}", x="1"}'],
])('narrows %j to one more matcher', (selector, expected) => {
  const own = narrowed(selector, 'x="1"');
  expect(own.replace(/\s+, x/, ', x')).toBe(expected);
  expect(selectorProblem(own)).toBeUndefined();
});

it.each([
  [['ES'], true, 'country=~"ES"'],
  [['ES', 'PL'], false, 'country!~"ES|PL"'],
  [["Côte d'Ivoire (a|b) 1.5+?"], true, `country=~"Côte d'Ivoire \\\\(a\\\\|b\\\\) 1\\\\.5\\\\+\\\\?"`],
  [['a"b', 'c\\d'], true, 'country=~"a\\"b|c\\\\\\\\d"'],
  [['^[x]{2}*$'], false, 'country!~"\\\\^\\\\[x\\\\]\\\\{2\\\\}\\\\*\\\\$"'],
])('matches the values %j as they are', (values, has, expected) => {
  const matcher = valueMatcher('country', values, has);
  expect(matcher).toBe(expected);
  expect(selectorProblem(narrowed('{a="b"}', matcher))).toBeUndefined();
  const pattern = JSON.parse(matcher.slice(matcher.indexOf('"'))) as string;
  expect(values.every((value) => new RegExp(`^(?:${pattern})$`).test(value))).toBe(true);
});

it('keeps a query from being split by a part about no stream, with the labels that a tenant may require', () => {
  const expr = countExpr(requestFamily('{a="b", c=~"d"}', lineOptions), 60_000, 1);
  expect(unsplit(expr, '{a="b", c=~"d"}', 120_000)).toBe(
    `${expr} or on (oscar_metrics_none) count_over_time({a="b", c=~"d", oscar_metrics_none="none"} [120000ms])`
  );
});

describe('lines that name services', () => {
  const family = requestFamily('{a="b"}', lineOptions);
  const names = (count: number) => Array.from({ length: count }, (_, index) => `s${index}`);

  it('name one as a whole word', () => {
    const { filters, ...others } = naming(family, ['a', 'simple-test']);
    expect(filters).toBe(`${family.filters} |~ "\\\\b(?:a|simple-test)\\\\b"`);
    expect(others).toEqual({ ...family, filters: undefined });
    const pattern = new RegExp('\\b(?:a|simple-test)\\b');
    expect(
      ['/run/a |', '/job/simple-test/x', '/run/ab |', '/run/simple-tests |'].map((one) => pattern.test(one))
    ).toEqual([true, true, false, false]);
  });

  it('are all lines where one has a name that no service can have', () => {
    expect(naming(family, ['a', '(invalid)'])).toBe(family);
    expect(naming(family, ['a.*'])).toBe(family);
  });

  it('are all lines where there are many names, or where they would make the address too long', () => {
    expect(naming(family, names(40)).filters).toContain('|s39)');
    expect(naming(family, names(41))).toBe(family);
    const long = names(40).map((name) => `${'a'.repeat(60)}${name}`);
    expect(naming(family, long.slice(0, 10)).filters).toContain(long[9]);
    expect(naming(family, long)).toBe(family);
  });
});

describe('the pattern of calls in the log of the ingress controller', () => {
  const query = ingressCallsExpr('{a="b"}', 60_000, 1);
  const pattern = new RegExp(JSON.parse(/\|~ ("(?:[^"\\]|\\.)*")/.exec(query)?.[1] ?? '""') as string);

  it.each([
    '192.0.2.7 - - [x] "POST /job/a HTTP/1.1" 201 5',
    '192.0.2.7 - - [x] "POST https://c.example.org/run/a?b=c HTTP/2.0" 200 5',
    '{"RequestMethod":"POST","RequestPath":"/job/a"}',
    '{"log":"192.0.2.7 - - [x] \\"POST \\/job\\/a HTTP/1.1\\" 201 5"}',
    '{"method":"POST","request_uri":"/run/a"}',
  ])('holds for %s', (line) => {
    expect(line).toMatch(pattern);
  });

  it.each(['"POST /jobs/a HTTP/1.1"', '"POST /system/services HTTP/1.1"', '"POST /x/job/a HTTP/1.1"'])(
    'does not hold for %s',
    (line) => {
      expect(line).not.toMatch(pattern);
    }
  );
});

it('keeps addresses short, also with the longest names', () => {
  const requests = requestFamily(defaultRequestSelector, lineOptions);
  const exposed = exposedFamily(defaultExposedSelector, lineOptions);
  const names = Array.from({ length: 40 }, (_, index) => `${'a'.repeat(61)}${10 + index}`);
  const addresses = [
    ...[1, 20, 40].map((count) => timeExpr(naming(requests, names.slice(0, count)), 'first', 86_400_000, 1)),
    ...[1, 20, 40].map((count) => timeExpr(naming(exposed, names.slice(0, count)), 'first', 86_400_000, 1)),
    countLinesExpr(requests, 86_400_000, 1),
    countExpr(requests, 86_400_000, 1),
    countExpr(exposed, 86_400_000, 1),
    suspectsExpr({ ...requests, suspects: requests.suspects ?? '' }, 86_400_000, 1),
  ].map((query) => new URLSearchParams({ query }).toString().length);
  expect(Math.max(...addresses)).toBeLessThan(7500);
});

it('quotes a prefix that holds the raw quote', () => {
  const { parser } = requestFamily('{a="b"}', { namespacePrefix: 'a`b"c', rejected: 'separate' });
  expect(parser).not.toContain('| regexp `');
  expect(parser).toContain('a`b\\"c');
});
