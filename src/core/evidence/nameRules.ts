import { unionOf } from '../domain/span';
import { maxUserCharacters, tooLongUser } from '../domain/users';
import { type Cell } from '../requests/cell';
import { tooManyNames } from '../requests/dictionary';
import { type Dimension } from '../requests/keyTable';
import { type LedgerView } from '../requests/ledger';
import { about, type Rule } from './rule';

type NameSubject = Pick<LedgerView, 'cells' | 'table'>;

/** Requests whose users can't be told apart, because their ids are longer than any id is (contract rule 8). */
const longUsers: Rule<NameSubject> = {
  name: 'long-users',
  judge: (subject) =>
    about({
      effect: 'doubt',
      spans: unionOf(cellsWith(subject, 'user', tooLongUser)),
      note: `user ids of more than ${maxUserCharacters} characters are counted as one user, ${tooLongUser}: figures about users may be too low`,
      ofCounts: true,
    }),
};

const foldedDimensions = ['service', 'user', 'country', 'auth'] as const satisfies readonly Dimension[];

/** Requests under names for which the dictionary had no room left. */
const manyNames: Rule<NameSubject> = {
  name: 'too-many-names',
  judge: (subject) =>
    about({
      effect: 'doubt',
      spans: unionOf(foldedDimensions.flatMap((dimension) => cellsWith(subject, dimension, tooManyNames))),
      note: `too many different names: some requests are counted under ${tooManyNames}, so the numbers of services and users are too low; a shorter range may have fewer names`,
      ofCounts: true,
    }),
};

/** The rules for names that anybody may invent. */
export const nameRules: ReadonlyArray<Rule<NameSubject>> = [longUsers, manyNames];

/** The cells with a request whose name in a dimension is `name`. */
function cellsWith({ cells, table }: NameSubject, dimension: Dimension, name: string): readonly Cell[] {
  // No request has such a name as a rule, so that nobody has to look at the cells.
  const wanted = table.dictionary(dimension).find(name);
  const column = table.column(dimension);
  return wanted === undefined ? [] : cells.filter(({ ids }) => ids.some((id) => column.at(id) === wanted));
}
