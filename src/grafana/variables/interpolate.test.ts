import { interpolateKeys, interpolateLimit, interpolateServices } from './interpolate';

type Format = (value: string | string[]) => string;

/** Variables as Grafana hands them to a formatting function; `chosen` is what its list of variables says. */
const srv = (variables: Record<string, string | string[]>, chosen: Record<string, unknown> = {}) => ({
  getVariables: () => Object.entries(chosen).map(([name, value]) => ({ name, current: { value } })) as never[],
  replace: (text?: string, scoped: Record<string, { value: string } | undefined> = {}, format?: unknown) =>
    (text ?? '').replace(/\$(\w+)/g, (all, name: string) => {
      const value = scoped[name]?.value ?? variables[name];
      return value === undefined ? all : (format as Format)(value);
    }),
});

it('spreads several values, once each', () => {
  expect(interpolateServices(srv({ svc: ['a', 'b'] }), ['$svc', 'b', 'c'], {})).toEqual(['a', 'b', 'c']);
});

it('keeps values with commas and braces whole', () => {
  expect(interpolateServices(srv({ svc: ['a,b', '{c}'] }), ['$svc'], {})).toEqual(['a,b', '{c}']);
});

it('takes "All" without values for no filter, and a list that is empty as it is stored', () => {
  expect(interpolateServices(srv({ svc: '$__all' }), ['$svc'], {})).toBeUndefined();
  expect(interpolateServices(srv({ svc: [] }, { svc: ['$__all'] }), ['$svc'], {})).toBeUndefined();
  expect(interpolateServices(srv({ svc: [] }, { svc: '$__all' }), ['$svc'], {})).toBeUndefined();
  expect(interpolateServices(srv({}), [], {})).toBeUndefined();
});

it('keeps the values that "All" stands for', () => {
  expect(interpolateServices(srv({ svc: ['a', 'b'] }, { svc: '$__all' }), ['$svc'], {})).toEqual(['a', 'b']);
});

it.each([[[]], [''], [['']]])('never takes the selection %j for all', (value) => {
  expect(interpolateServices(srv({ svc: value }, { svc: value, other: '$__all' }), ['$svc'], {})).toEqual([]);
});

it('takes the text "All" for a name, and what a repeated panel says before what the dashboard says', () => {
  expect(interpolateServices(srv({ svc: 'All' }, { svc: 'All' }), ['$svc'], {})).toEqual(['All']);
  const scoped = { svc: { text: '', value: '' } };
  expect(interpolateServices(srv({ svc: [] }, { svc: '$__all' }), ['$svc'], scoped)).toEqual([]);
});

it('fills a variable into a name', () => {
  expect(interpolateServices(srv({ env: 'prod' }), ['model-$env'], {})).toEqual(['model-prod']);
});

it('leaves an unknown variable as a name that no service has', () => {
  expect(interpolateServices(srv({}), ['$gone'], {})).toEqual(['$gone']);
});

it('takes any text for a key, and no name for all', () => {
  expect(interpolateKeys(srv({ user: 'a,{b}"\\' }), ['$user'], {})).toEqual(['a,{b}"\\']);
  expect(interpolateKeys(srv({ user: '$__all' }), ['$user'], {})).toEqual(['$__all']);
  expect(interpolateKeys(srv({ user: '' }), ['$user'], {})).toEqual([]);
  expect(interpolateKeys(srv({}), [], {})).toBeUndefined();
});

describe('a limit', () => {
  it.each<[string, Record<string, string | string[]>, Record<string, unknown>, string]>([
    ['the value of a variable', { rows: '100' }, {}, '100'],
    ['a value that means all', { rows: 'all' }, {}, 'all'],
    ['"All", whose values are a list', { rows: ['100', '1000'] }, { rows: '$__all' }, '$__all'],
    ['"All" of one value', { rows: ['100'] }, { rows: ['$__all'] }, '$__all'],
    ['"All" with a value of its own', { rows: '500' }, { rows: '$__all' }, '500'],
    ['"All" without values', { rows: '' }, { rows: '$__all' }, '$__all'],
    ['several values', { rows: ['10', '20'] }, { rows: ['10', '20'] }, '[10, 20]'],
    ['a variable that there is none of', {}, {}, '$rows'],
  ])('is %s', (_, variables, chosen, expected) => {
    expect(interpolateLimit(srv(variables, chosen), '$rows', {})).toBe(expected);
  });

  it('is what a repeated panel says', () => {
    const scoped = { rows: { text: '5', value: '5' } };
    expect(interpolateLimit(srv({ rows: '100' }, { rows: '$__all' }), '$rows', scoped)).toBe('5');
  });
});
