import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { type OscarQuery } from '../../src/grafana/types';
import { uids } from '../dashboards/links';
import { repositoryRoot } from './repository';

export interface DashboardPanel {
  id: number;
  type: string;
  title: string;
  description?: string;
  /** In Grafana's grid of 24 columns. */
  gridPos: { x: number; y: number; w: number; h: number };
  datasource?: { type: string; uid: string };
  /** Absent in a row. */
  targets?: OscarQuery[];
  /** Of a row that is closed when the dashboard opens. */
  panels?: DashboardPanel[];
}

export interface DashboardVariable {
  name: string;
  type: string;
  query?: unknown;
  allValue?: string;
  /** What is chosen when the dashboard opens. */
  current?: { value?: unknown };
}

/** The parts of Grafana's dashboard model that are read here. */
export interface Dashboard {
  uid: string;
  title: string;
  time: { from: string; to: string };
  panels: DashboardPanel[];
  templating: { list: DashboardVariable[] };
  annotations: { list: Array<{ name: string; builtIn?: number; target?: OscarQuery }> };
}

/** A dashboard that the plugin ships, and that `provisioning/` offers to Grafana; the overview where none is named. */
export function readShippedDashboard(uid: string = uids.overview): Dashboard {
  return JSON.parse(readFileSync(join(repositoryRoot, 'src', 'dashboards', `${uid}.json`), 'utf8')) as Dashboard;
}

/** The panels, those of closed rows where these stand. */
function allPanels<Panel extends { panels?: readonly Panel[] }>(panels: readonly Panel[]): Panel[] {
  return panels.flatMap((panel) => [panel, ...allPanels(panel.panels ?? [])]);
}

/**
 * What the panels ask, with "All" chosen as the service and as many rows as the dashboard opens with, in the order of the
 * panels; `refId` is the panel's own.
 */
export function panelQueries({
  panels,
  templating,
}: Pick<Dashboard, 'panels' | 'templating'>): Array<{ panel: string; query: OscarQuery }> {
  const rows = templating.list.find(({ name }) => name === 'rows')?.current?.value;
  const limitOf = ({ limit }: OscarQuery) => (limit === '${rows}' ? { limit: String(rows) } : {});
  return allPanels(panels).flatMap(({ title, targets = [] }) =>
    targets.map(({ services: _, ...query }) => ({ panel: title, query: { ...query, ...limitOf(query) } }))
  );
}
