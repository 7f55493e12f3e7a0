import { finish } from '../../testing/finish';
import { type Block, type Column } from './report';
import { plainCell, safeCell, tableOf } from './table';

const columns: Column[] = [
  { name: 'key', type: 'text', sources: [] },
  { name: 'count', type: 'count', sources: [] },
  { name: 'hours', type: 'hours', sources: [] },
  { name: 'completeness', type: 'text', sources: [] },
];
const table = (...args: Parameters<typeof tableOf>) => finish(tableOf(...args));
const row = (key: string, count: number | null) => ({
  cells: { key, count, hours: 1.23456 },
  sources: [],
  completeness: 'partial' as const,
  notes: [] as string[],
});

it.each([
  '=1+1',
  '+1',
  '-1',
  '@SUM(A1)',
  '\tx',
  '\rx',
  '\n=1',
  '＝1+1',
  '＋1',
  '－1',
  '＠SUM(A1)',
  '﹦1',
  '﹢1',
  '﹣1',
  '﹫x',
])('makes %p harmless', (text) => {
  expect(safeCell(text)).toBe(`'${text}`);
  expect(plainCell(`'${text}`)).toBe(text);
});

it.each(['a=b', '', ' =1', "'=1", 0, -1, null])('leaves %p alone', (cell) => {
  expect(safeCell(cell)).toBe(cell);
});

it.each(["'a", "''=1", 'a', ''])('takes nothing from %p', (text) => {
  expect(plainCell(text)).toBe(text);
});

it('has its columns in order, with null kept apart from 0', () => {
  const { columns: shown, length } = table(columns, [{ rows: [row('=a', 0), row('b', null)] }]);
  expect(length).toBe(2);
  expect(shown.map(({ name }) => name)).toEqual(['key', 'count', 'hours', 'completeness']);
  expect(shown.map(({ values }) => values)).toEqual([
    ["'=a", 'b'],
    [0, null],
    [1.23456, 1.23456],
    ['partial', 'partial'],
  ]);
  expect(shown.map(({ type }) => type)).toEqual(['text', 'count', 'hours', 'text']);
});

it('has all columns when there is no row', () => {
  const { columns: shown, length } = table(columns, [{ rows: [] }]);
  expect(length).toBe(0);
  expect(shown).toHaveLength(4);
});

it('puts the period first when rows are by period', () => {
  const period = { start: 0, end: 1, label: '2026-10' };
  const { columns: shown } = table(columns, [
    { period, rows: [row('a', 1)] },
    { period: { ...period, label: '2026-11' }, rows: [] },
  ]);
  expect(shown[0]).toMatchObject({ name: 'period', values: ['2026-10'] });
  expect(shown).toHaveLength(5);
});

it('says why rows are not whole in a last column, when there is a reason', () => {
  const noted = { ...row('b', null), notes: ['=Loki was down', 'few countries'] };
  const { columns: shown } = table(columns, [{ rows: [row('a', 0), noted] }]);
  expect(shown.map(({ name }) => name)).toEqual(['key', 'count', 'hours', 'completeness', 'completeness_notes']);
  expect(shown[4]?.values).toEqual(['', "'=Loki was down; few countries"]);
});

it('leaves out an optional column that has no value in any row', () => {
  const withBusy: Column[] = [...columns, { name: 'busy', type: 'hours', sources: [], role: 'optional' }];
  const hasBusy = (...rows: Block['rows']) => table(withBusy, [{ rows }]).columns.some(({ name }) => name === 'busy');
  expect(hasBusy(row('a', 0))).toBe(false);
  expect(hasBusy(row('a', 0), { ...row('b', 0), cells: { key: 'b', busy: 0 } })).toBe(true);
});
