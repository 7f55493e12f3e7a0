import { unknownCountry } from '../domain/countries';
import { isStoragePrincipal } from '../domain/requestLine';
import { type Span } from '../domain/span';
import { type Cell } from '../requests/cell';
import { type LedgerView } from '../requests/ledger';
import { type Work } from '../runtime/turns';

type Counted = Pick<LedgerView, 'cells' | 'table'>;

/** A user who is there in one window only, and how many requests that are. Both ends as of a cell. */
export interface Burst extends Span {
  requests: number;
}

/** More requests than this of one user in one window are worth a word, if there are none in the others. */
const manyRequests = 1000;

const nowhere = -1;
const inSeveral = -2;

/** Users with many requests in one window, as it was read, who are absent from the others; not of a single window. */
export function* burstsIn({ cells, table }: Counted): Work<Burst[]> {
  const users = table.dictionary('user').names.length;
  const userOf = table.column('user');
  const requests = new Float64Array(users);
  const place = new Int32Array(users).fill(nowhere);
  const busy = cells.filter(({ ids }) => ids.length > 0);
  for (const [index, { ids, counts }] of busy.entries()) {
    for (let position = 0; position < ids.length; position += 1) {
      const user = userOf.at(ids[position] as number);
      const isNew = place[user] === nowhere || place[user] === index;
      place[user] = isNew ? index : inSeveral;
      requests[user] = (requests[user] as number) + (counts[position] as number);
    }
    yield;
  }
  // Exposed and rejected requests name no user.
  const nobody = table.dictionary('user').find('');
  const found: Burst[] = [];
  for (let user = 0; user < users && busy.length > 1; user += 1) {
    const cell = busy[place[user] as number];
    if (cell && user !== nobody && (requests[user] as number) > manyRequests) {
      found.push({ start: cell.start, end: cell.end, requests: requests[user] as number });
    }
  }
  return found;
}

/**
 * Requests on some days, rejected ones too, that came from a public address, which is one with a country (contract rule 7), and that no
 * storage sent.
 */
export function* publicRequestsIn({ cells, table }: Counted, days: readonly Span[]): Work<number> {
  const { names } = table.dictionary('user');
  // By number, when first seen: there may be many users.
  const isStorage = new Map<number, boolean>();
  const isUnknown = table.dictionary('country').names.map((country) => country === unknownCountry);
  const userOf = table.column('user');
  const countryOf = table.column('country');
  const isCounted = (id: number) => {
    const user = userOf.at(id);
    const known = isStorage.get(user) ?? isStoragePrincipal(names[user] ?? '');
    isStorage.set(user, known);
    return !known && !isUnknown[countryOf.at(id)];
  };
  let requests = 0;
  for (const cell of cells) {
    if (days.some((day) => isInside(cell, day))) {
      cell.ids.forEach((id, index) => {
        requests += isCounted(id) ? (cell.counts[index] as number) : 0;
      });
    }
    yield;
  }
  return requests;
}

function isInside(cell: Cell, day: Span): boolean {
  return cell.start >= day.start && cell.end <= day.end;
}
