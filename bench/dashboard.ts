import { type UsageQuery } from '../src/core/query';
import { type Session } from '../src/core/session';
import { ask, type FigureAnswer, rowsOfAnswer } from '../stack/core/asking';
import { panelQueries, readShippedDashboard } from '../stack/lib/shippedDashboard';
import { type Range } from '../stack/traffic';

/** What the shipped dashboard asks, panel by panel; all about the same range. */
const dashboardQueries: readonly UsageQuery[] = panelQueries(readShippedDashboard()).map(({ query }) => query);

/** Figures of a range by the name of their column. */
export type Figures = Readonly<Record<string, string | number | null>>;

/** All panels at once, as Grafana starts them. Gives the figures of the stat panels. Throws when a panel has no answer. */
export async function openPanels(session: Session, range: Range): Promise<Figures> {
  const answers = await Promise.all(
    dashboardQueries.map((query, index) => ask(session, query, range, { asker: `panel ${index}` }))
  );
  return figuresOf(answers.filter((_, index) => isStat(dashboardQueries[index])));
}

function isStat(query: UsageQuery | undefined): boolean {
  return query?.queryType === 'summary' && query.format !== 'timeseries';
}

/** What the answers of one row say. Throws where two of them have different values of one figure. */
function figuresOf(answers: readonly FigureAnswer[]): Figures {
  const figures = new Map<string, string | number | null>();
  for (const [column, value] of answers.flatMap((answer) => Object.entries(rowsOfAnswer(answer)[0] ?? {}))) {
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
