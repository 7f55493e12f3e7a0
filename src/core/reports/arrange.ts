import { compareText } from '../domain/text';
import { type Cell, type LastRow, lastRows, type Report, type Row } from './report';
import { isNumber, type Selection } from './selection';

/** True for a row that stays where columns are chosen: it has a value other than 0 in one of their numbers. */
export function rowTest({ order }: Report, { isChosen, shown }: Selection): (row: Row) => boolean {
  const numbers = shown.filter(isNumber).map(({ name }) => name);
  if (order === 'fixed' || !isChosen || numbers.length === 0) {
    return () => true;
  }
  return ({ cells }) => numbers.some((name) => isCounted(cells[name]));
}

/** Sorts by the first number shown, descending, then by the keys (contract, "Sort"). Undefined where rows stay as they are. */
export function rowOrder(
  { order }: Report,
  { isChosen, shown }: Selection
): ((one: Row, other: Row) => number) | undefined {
  if (order === 'fixed' || (order === 'listed' && !isChosen)) {
    return undefined;
  }
  const first = shown.find(isNumber)?.name;
  const keys = shown.flatMap(({ name, role }) => (role === 'key' ? [name] : []));
  return (one, other) => {
    const places = placeOf(one) - placeOf(other);
    const counts = first === undefined ? 0 : countOf(other.cells[first]) - countOf(one.cells[first]);
    return places || counts || compareKeys(one, other, keys);
  };
}

/** 0 for all rows but the last ones. */
export function placeOf({ last }: { last?: LastRow }): number {
  return last ? lastRows.indexOf(last) + 1 : 0;
}

function compareKeys({ cells: one }: Row, { cells: other }: Row, keys: readonly string[]): number {
  for (const key of keys) {
    const order = compareText(String(one[key] ?? ''), String(other[key] ?? ''));
    if (order !== 0) {
      return order;
    }
  }
  return 0;
}

/** What is not known stands after what is 0. */
function countOf(cell: Cell | undefined): number {
  return typeof cell === 'number' ? cell : -1;
}

function isCounted(cell: Cell | undefined): boolean {
  return typeof cell === 'number' && cell !== 0;
}
