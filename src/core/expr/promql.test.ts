import { defaultCpuQuery, defaultInventoryQuery, expandTemplate, runningPodsQuery } from './promql';
import { allocatedGpu, busyGpu, defaultGpuQuery, oscarGpuQuery } from './promqlGpu';
import { escapeRegex } from './regex';

const values = { servicesNamespace: 'oscar-svc', windowMs: 86_400_000 };

it("fills OSCAR's own template in", () => {
  const template =
    'sum(increase(container_cpu_usage_seconds_total{namespace=~"{{services_namespace}}.*",service=~"{{service}}"}[{{range}}])) / 3600';
  expect(expandTemplate(template, values)).toBe(
    'sum(increase(container_cpu_usage_seconds_total{namespace=~"oscar-svc.*",service=~".*"}[86400000ms])) / 3600'
  );
});

it("takes OSCAR's own name of the namespace", () => {
  const template = 'sum by (service) (x{namespace=~"{{namespace}}.*"})';
  expect(expandTemplate(template, values)).toBe('sum by (service) (x{namespace=~"oscar-svc.*"})');
  expect(expandTemplate(template, { ...values, servicesNamespace: 'a.b' })).toContain('"a\\\\.b.*"');
});

it('fills every place, with blanks around the name too', () => {
  expect(expandTemplate('{{range}} {{ range }} {{service}}', values)).toBe('86400000ms 86400000ms .*');
});

const pod = { namespace: 'oscar-svc', name: 'a-1', ofService: true };
const gpus = [allocatedGpu, busyGpu].flatMap(({ pods, template }) => [pods.query, template(), template([pod])]);

it.each([defaultCpuQuery, defaultGpuQuery, ...gpus, oscarGpuQuery, defaultInventoryQuery, runningPodsQuery])(
  'leaves nothing open in %s',
  (one) => {
    const query = expandTemplate(one, values);
    expect(query).not.toMatch(/\{\{|\}\}/);
    expect(query.split('(')).toHaveLength(query.split(')').length);
  }
);

it('keeps a namespace from becoming more than a prefix', () => {
  const namespace = 'a.b+"}$&\\';
  const query = expandTemplate('x{namespace=~"{{services_namespace}}.*"}', { ...values, servicesNamespace: namespace });
  const quoted = /"((?:[^"\\]|\\.)*)"/.exec(query)?.[1] ?? '';
  expect(query).toBe(`x{namespace=~"${quoted}"}`);
  const expression = new RegExp(`^(?:${JSON.parse(`"${quoted}"`) as string})$`);
  expect(expression.test(`${namespace}-user`)).toBe(true);
  expect(expression.test('aXb+"}$&\\')).toBe(false);
});

it('names an unknown placeholder and the known ones', () => {
  expect(() => expandTemplate('{{cluster}}', values)).toThrow(
    /\{\{cluster\}\}.*\{\{services_namespace\}\}.*\{\{range\}\}/
  );
  expect(() => expandTemplate('{{constructor}}', values)).toThrow(/constructor/);
});

it('escapes a text for a regular expression', () => {
  const text = '\\^$.*+?()[]{}|';
  expect(new RegExp(`^${escapeRegex(text)}$`).test(text)).toBe(true);
});
