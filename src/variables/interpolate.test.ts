import { interpolateServices } from './interpolate';

type Format = (value: string | string[]) => string;

/** Variables as Grafana hands them to a formatting function. */
const srv = (variables: Record<string, string | string[]>) => ({
  replace: (text?: string, _scoped?: unknown, format?: unknown) =>
    (text ?? '').replace(/\$(\w+)/g, (all, name: string) => {
      const value = variables[name];
      return value === undefined ? all : (format as Format)(value);
    }),
});

it('spreads several values, once each', () => {
  expect(interpolateServices(srv({ svc: ['a', 'b'] }), ['$svc', 'b', 'c'], {})).toEqual(['a', 'b', 'c']);
});

it('keeps values with commas and braces whole', () => {
  expect(interpolateServices(srv({ svc: ['a,b', '{c}'] }), ['$svc'], {})).toEqual(['a,b', '{c}']);
});

it('takes "All" without values for no filter', () => {
  expect(interpolateServices(srv({ svc: '$__all' }), ['$svc'], {})).toEqual([]);
});

it('fills a variable into a name', () => {
  expect(interpolateServices(srv({ env: 'prod' }), ['model-$env'], {})).toEqual(['model-prod']);
});

it('leaves an unknown variable as a name that no service has', () => {
  expect(interpolateServices(srv({}), ['$gone'], {})).toEqual(['$gone']);
});
