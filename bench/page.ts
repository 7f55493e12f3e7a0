import { EMPTY, lastValueFrom } from 'rxjs';

import { type Answer } from '../src/core/answer';
import { type Session } from '../src/core/session';
import { alongside } from '../src/grafana/variables/alongside';
import { queriesOfList, variableQueryOf } from '../src/grafana/variables/valueLists';
import { askTogether } from '../stack/core/asking';
import { readShippedDashboard } from '../stack/lib/shippedDashboard';
import { type Range } from '../stack/traffic';
import { type Figures, openPanels } from './dashboard';

/**
 * The page as a browser opens it: the variable `service` first, on which all panels wait, then all panels at once. Gives the
 * figures of the stat panels. Throws when the variable or a panel has no answer.
 */
export async function openPage(session: Session, range: Range): Promise<Figures> {
  await readServices(session, range);
  return openPanels(session, range);
}

/** Asks what the variable asks, with what it asks ahead for the panels (`OscarVariableSupport`). */
async function readServices(session: Session, range: Range): Promise<void> {
  const { list, ahead = [] } = variableQueryOf(serviceVariable());
  const span = { start: range.from, end: range.to };
  const ahead$ =
    ahead.length > 0 ? session.ahead({ sources: ahead, range: span, zone: 'utc', askedAt: Date.now() }) : EMPTY;
  const answers$ = askTogether(session, queriesOfList(list, 'variable'), range);
  for (const answer of await lastValueFrom(alongside(answers$, ahead$, isWhole))) {
    if (answer.kind === 'failure') {
      throw new Error(`the variable "service" has no answer: ${answer.message}`);
    }
  }
}

function isWhole(answers: readonly Answer[]): boolean {
  return answers.every((answer) => answer.kind === 'failure' || !answer.loading);
}

function serviceVariable(): unknown {
  const query = readShippedDashboard().templating.list.find(({ name }) => name === 'service')?.query;
  if (query === undefined) {
    throw new Error('the dashboard has no variable "service" with a query');
  }
  return query;
}
