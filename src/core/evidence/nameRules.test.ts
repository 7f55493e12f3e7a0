import { stateOfFindings } from '../completeness/model';
import { parseRequest } from '../domain/requestLine';
import { buildCell } from '../requests/cell';
import { KeyTable, type KeyTableBounds } from '../requests/keyTable';
import { nameRules } from './nameRules';
import { judgeAll } from './rule';

/** The state of a source with a cell for each list of extracted texts, 10 ms each. */
function stateOf(cells: ReadonlyArray<readonly string[]>, bounds?: KeyTableBounds) {
  const table = new KeyTable((text) => parseRequest(text, 'oscar-svc'), 'auth_method', bounds);
  const built = cells.map((texts, index) => {
    const groups = texts.map((text) => ({ text, labels: {}, count: 1 }));
    return buildCell({ start: index * 10, end: index * 10 + 10 }, groups, table);
  });
  const range = { start: 0, end: cells.length * 10 };
  const total = built.reduce((sum, { counts }) => sum + counts.reduce((all, count) => all + count, 0), 0);
  return { ...stateOfFindings('request-logs', range, judgeAll(nameRules, { cells: built, table }), 0), total, table };
}

const by = (user: string, service = 'a') => `POST    /job/${service} | ${user}`;

it('has nothing to say of usual names', () => {
  expect(stateOf([[by('a'), by('b'.repeat(256))]])).toMatchObject({ status: 'ok', notes: [], total: 2 });
});

it('doubts the stretches in which ids were too long to be told apart', () => {
  const state = stateOf([[by('a')], [by('b'.repeat(257)), by('c'.repeat(100_000))]]);
  expect(state).toMatchObject({ status: 'partial', doubted: [{ start: 10, end: 20 }], total: 3 });
  expect(state.notes).toEqual([
    expect.stringMatching(/more than 256 characters are counted as one user, \(too long\)/),
  ]);
  expect(state.table.dictionary('user').names).toEqual(['a', '(too long)']);
});

it.each<[string, KeyTableBounds]>([
  ['names', { dictionary: { names: 2, characters: 1000 } }],
  ['characters', { dictionary: { names: 1000, characters: 10 } }],
  ['keys', { keys: 2 }],
])('doubts the stretches that have more %s than there is room for, and loses no request', (_, bounds) => {
  const texts = [by('aa', 's'), by('bb', 's'), by('cccccccc', 's'), by('dddddddd', 't'), by('cccccccc', 'u')];
  const state = stateOf([texts.slice(0, 2), texts], bounds);
  expect(state).toMatchObject({ status: 'partial', doubted: [{ start: 10, end: 20 }], total: 7 });
  expect(state.notes).toEqual([expect.stringMatching(/^too many different names/)]);
});
