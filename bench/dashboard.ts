import { type OscarQuery } from '../src/grafana/types';
import { panelQueries, readShippedDashboard } from '../stack/lib/shippedDashboard';

/** What the shipped dashboard asks, panel by panel, the summary first; all about the same range. */
export const dashboardQueries: readonly OscarQuery[] = panelQueries(readShippedDashboard()).map(({ query }) => query);
