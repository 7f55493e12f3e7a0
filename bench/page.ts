import { type Observable } from 'rxjs';

import { type Host } from '../stack/host';
import { readShippedDashboard } from '../stack/lib/shippedDashboard';
import { type Range } from '../stack/traffic';
import { answer, type DataSource } from './answer';
import { type Figures, openPanels } from './dashboard';

/** What a data source answers variables with, as Grafana calls it. */
interface WithVariables {
  variables: { query: (request: never) => Observable<never> };
}

/**
 * The page as a browser opens it: the variable `service` first, on which all panels wait, then all panels at once. Gives the
 * figures of the stat panels. Throws when the variable or a panel has no answer.
 */
export async function openPage(host: Host, dataSource: DataSource, range: Range): Promise<Figures> {
  const { variables } = dataSource as unknown as WithVariables;
  const asVariable = Object.assign(Object.create(dataSource as object) as DataSource, {
    query: (request: never) => variables.query(request),
  });
  await answer(host, asVariable, serviceVariable(), range);
  return openPanels(host, dataSource, range);
}

function serviceVariable(): object {
  const query = readShippedDashboard().templating.list.find(({ name }) => name === 'service')?.query;
  if (typeof query !== 'object' || query === null) {
    throw new Error('the dashboard has no variable "service" with a query');
  }
  return query;
}
