import { type DataFrame } from '@grafana/data';

import { type OscarQuery } from '../src/grafana/types';
import { rowsOf } from '../stack/demo/rows';
import { type Host } from '../stack/host';
import { panelQueries, readShippedDashboard } from '../stack/lib/shippedDashboard';
import { type Range } from '../stack/traffic';
import { answer, type DataSource } from './answer';

/** What the shipped dashboard asks, panel by panel; all about the same range. */
const dashboardQueries: readonly OscarQuery[] = panelQueries(readShippedDashboard()).map(({ query }) => query);

/** Figures of a range by the name of their column. */
export type Figures = Readonly<Record<string, string | number | null>>;

/** All panels at once, as Grafana starts them. Gives the figures of its stat panels. Throws when a panel has no answer. */
export async function openPanels(host: Host, dataSource: DataSource, range: Range): Promise<Figures> {
  const frames = await Promise.all(dashboardQueries.map((query) => answer(host, dataSource, query, range)));
  return figuresOf(frames.filter((_, index) => isStat(dashboardQueries[index])));
}

function isStat(query: OscarQuery | undefined): boolean {
  return query?.queryType === 'summary' && query.format !== 'timeseries';
}

/** What the frames of one row say. Throws where two of them have different values of one figure. */
function figuresOf(frames: readonly DataFrame[]): Figures {
  const figures = new Map<string, string | number | null>();
  for (const [column, value] of frames.flatMap((frame) => Object.entries(rowsOf(frame)[0] ?? {}))) {
    const isFigure = value === null || typeof value === 'number' || typeof value === 'string';
    if (isFigure && !column.startsWith('completeness')) {
      if (figures.has(column) && figures.get(column) !== value) {
        throw new Error(`two panels differ in ${column}: ${String(figures.get(column))} and ${String(value)}`);
      }
      figures.set(column, value);
    }
  }
  return Object.fromEntries(figures);
}
