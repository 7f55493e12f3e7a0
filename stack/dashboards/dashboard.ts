import { type OscarVariableQuery } from '../../src/grafana/variables/valueLists';
import { type DashboardName, dashboardLinks, uids } from './links';
import { ownDataSource, type Panel } from './model';

interface Described {
  name: Exclude<DashboardName, 'pipeline'>;
  title: string;
  description: string;
  range: { from: string; to: string };
  /** Beside that of the data source. */
  variables: readonly object[];
  /** Dashboards that links at the top lead to. */
  leadsTo: readonly DashboardName[];
  panels: readonly Panel[];
}

/** A dashboard as Grafana stores it, with a variable for the data source and shaded gaps. */
export function dashboard({ name, title, description, range, variables, leadsTo, panels }: Described) {
  return {
    uid: uids[name],
    title,
    description,
    tags: ['oscar', 'usage'],
    schemaVersion: 41,
    version: 1,
    editable: true,
    graphTooltip: 1,
    liveNow: false,
    refresh: '',
    time: range,
    timepicker: {},
    timezone: '',
    weekStart: '',
    fiscalYearStartMonth: 0,
    links: dashboardLinks(leadsTo),
    preload: false,
    annotations: { list: [builtIn, gaps] },
    templating: { list: [dataSourceVariable, ...variables] },
    panels,
  };
}

const builtIn = {
  name: 'Annotations & Alerts',
  type: 'dashboard',
  builtIn: 1,
  enable: true,
  hide: true,
  iconColor: 'rgba(0, 211, 255, 1)',
  datasource: { type: 'grafana', uid: '-- Grafana --' },
};

const gaps = {
  name: 'Gaps',
  enable: true,
  hide: false,
  iconColor: 'orange',
  datasource: ownDataSource,
  target: { refId: 'Gaps', queryType: 'completeness' },
};

const shown = { hide: 0, skipUrlSync: false };

const dataSourceVariable = {
  name: 'datasource',
  label: 'Data source',
  description: 'The OSCAR Metrics data source to use.',
  type: 'datasource',
  query: 'oscar-metrics-datasource',
  regex: '',
  current: {},
  options: [],
  includeAll: false,
  multi: false,
  refresh: 1,
  ...shown,
};

const queryVariable = (query: Omit<OscarVariableQuery, 'refId'>) => ({
  type: 'query',
  datasource: ownDataSource,
  definition: query.list,
  query: { refId: 'Variable', ...query },
  regex: '',
  sort: 0,
  refresh: 2,
  allowCustomValue: true,
  options: [],
  ...shown,
});

/** The services that are called, all of them at first. */
export const servicesVariable = {
  name: 'service',
  label: 'Service',
  description:
    'Services called in the range; you can type others. All also includes services that were not called, and requests that belong to no service.',
  ...queryVariable({ list: 'called-services', ahead: ['usage-cpu', 'usage-gpu', 'service-inventory'] }),
  includeAll: true,
  multi: true,
  allValue: '$__all',
  current: { text: ['All'], value: ['$__all'] },
};

/** The one service, user or country that a dashboard is about. */
export function oneVariable(
  name: 'service' | 'user' | 'country',
  label: string,
  query: Omit<OscarVariableQuery, 'refId'>
) {
  const description = `The ${name} that this dashboard is about: one of the range, or one that you type.`;
  return { name, label, description, ...queryVariable(query), includeAll: false, multi: false, current: {} };
}

/** How many rows tables show; the first number is chosen when the dashboard opens. */
export function rowsVariable(first: number, second: number) {
  const options = [first, second].map((rows, index) => ({
    text: rows.toLocaleString('en-US'),
    value: String(rows),
    selected: index === 0,
  }));
  const named = [first, second].map((rows) =>
    rows < 1000 ? String(rows) : `${rows.toLocaleString('en-US').replaceAll(',', ' ')} : ${rows}`
  );
  return {
    name: 'rows',
    label: 'Rows',
    description: 'How many rows tables show; the rest is combined as (others). All shows, and exports, every row.',
    type: 'custom',
    query: [...named, 'All : all'].join(', '),
    multi: false,
    includeAll: false,
    current: { text: String(first), value: String(first) },
    options: [...options, { text: 'All', value: 'all', selected: false }],
    ...shown,
  };
}
