import { FieldType, toDataFrame } from '@grafana/data';
import fc from 'fast-check';

import { reports } from '../../core/reports/registry';
import { selectionOf } from '../../core/reports/selection';
import { safeCell } from '../../core/reports/table';
import { queryProblem } from '../../core/reports/validate';
import { queriesOfList, valueListNames, valuesIn, variableQueryOf } from './valueLists';

const column = (name: string, values: unknown[]) => ({ name, type: FieldType.string, values });
const users = (...values: unknown[]) => toDataFrame({ fields: [column('key', values)] });

it('asks a valid query for every list', () => {
  const queries = valueListNames.flatMap((list) => queriesOfList(list, 'A'));
  expect(queries.map(queryProblem)).toEqual(queries.map(() => undefined));
});

it('gives names as they were logged, whatever they hold', () => {
  const names = ['a.b', 'a/b', 'a\\b', 'a"b', 'a|b', '=a', '+a', '-a', '@a', '\ta', '\ra', '{a,b}', '$a', 'ü'];
  const found = valuesIn([users(...names.map(safeCell))], 'users');
  expect(found.map(({ value }) => value).sort()).toEqual([...names].sort());
  expect(found.every(({ text, value }) => text === value)).toBe(true);
});

it('undoes what a table does to its text', () => {
  // A text that begins with a quote and a formula's sign looks the same as the made-safe formula; no cell can tell.
  const text = fc.string({ minLength: 1 }).filter((value) => !/^'[=+\-@\t\r]/.test(value));
  fc.assert(
    fc.property(text, (value) => expect(valuesIn([users(safeCell(value))], 'users')).toEqual([{ text: value, value }]))
  );
});

it('shows a country by its name and keeps its code', () => {
  const frame = toDataFrame({
    fields: [column('key', ['US', 'ES', 'unknown']), column('country_name', ['United States', 'Spain', null])],
  });
  expect(valuesIn([frame], 'countries')).toEqual([
    { text: 'Spain', value: 'ES' },
    { text: 'United States', value: 'US' },
    { text: 'unknown', value: 'unknown' },
  ]);
});

it('asks nothing but the logs for called services, of which each is listed once', () => {
  const queries = queriesOfList('called-services', 'A');
  expect(queries.map(({ refId }) => refId)).toEqual(['A', 'A1']);
  const needs = queries.map((query) => selectionOf(reports[query.queryType], query).needs);
  expect(needs.some(({ cpu, gpu, inventory }) => cpu || gpu || inventory)).toBe(false);
  expect(needs.map(({ requests, exposed }) => [requests, exposed])).toEqual([
    [true, false],
    [false, true],
  ]);
  const services = (...values: string[]) => toDataFrame({ fields: [column('service', values)] });
  const found = valuesIn([services('b', 'a'), services('', 'c', 'a')], 'called-services');
  expect(found.map(({ value }) => value)).toEqual(['a', 'b', 'c']);
});

it('gives every value once, ordered, without empty ones', () => {
  expect(valuesIn([users('b', '', 'a', null, 'b')], 'users').map(({ value }) => value)).toEqual(['a', 'b']);
});

it('filters by text or value, as plain text', () => {
  expect(valuesIn([users('a.b', 'axb', 'A.B')], 'users', ' a.B ').map(({ value }) => value)).toEqual(['a.b', 'A.B']);
});

it('has no value in a result without the column', () => {
  expect(valuesIn([toDataFrame({ fields: [column('other', ['a'])] })], 'users')).toEqual([]);
});

it('reads a query as dashboards store it', () => {
  expect(variableQueryOf({ refId: 'A', list: 'users', filter: 'x' })).toEqual({ list: 'users', filter: 'x' });
  expect(variableQueryOf('countries')).toEqual({ list: 'countries', filter: undefined });
  expect(() => variableQueryOf({ list: 'cities' })).toThrow(
    'unknown list "cities"; valid are: services, called-services, users, countries'
  );
  expect(() => variableQueryOf(undefined)).toThrow('unknown list ""');
});

it.each([
  [{ list: 'users', filter: 5 }, /filter must be a text/],
  [5, /unknown list/],
  [{ list: ['users'] }, /unknown list/],
])('refuses %j in words', (stored, words) => {
  expect(() => variableQueryOf(stored)).toThrow(words);
});
