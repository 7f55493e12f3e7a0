import { defaultExposedSelector, defaultRequestSelector } from '../settings';
import {
  accessLogPattern,
  countExpr,
  exposedFamily,
  linesExpr,
  quoteLogql,
  requestFamily,
  selectorProblem,
  totalExpr,
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

  it('has no negated class, which costs Loki milliseconds a request', () => {
    expect(accessLogPattern).not.toMatch(/\[\^|\\[SDW]/);
  });
});

it('counts [start, end) at millisecond resolution', () => {
  const expr = countExpr(requestFamily('{a="b"}'), 60_000, 1);
  expect(expr).toMatch(
    /^sum by \(oscar_call, geoip_country_code, geoip_country_name, country, country_code, auth_method\) \(/
  );
  expect(expr).toMatch(/ \[60000ms\] offset 1ms\)\)$/);
  expect(countExpr(exposedFamily('{a="b"}'), 1, 0)).toMatch(/ \[1ms\]\)\)$/);
});

it('asks for lines with the labels that counts have, and for their number without extracting anything', () => {
  const family = requestFamily('{a="b"}');
  expect(linesExpr(family)).toBe(
    `{a="b"} ${family.filters} | keep geoip_country_code, geoip_country_name, country, country_code, auth_method`
  );
  expect(totalExpr(family, 60_000, 1)).toBe(`sum(count_over_time({a="b"} ${family.filters} [60000ms] offset 1ms))`);
  expect(exposedFamily('{a="b"}').extract).toBeUndefined();
});

it('quotes what would end a literal', () => {
  expect(quoteLogql('a"b\\c\nd')).toBe('"a\\"b\\\\c\\nd"');
});
