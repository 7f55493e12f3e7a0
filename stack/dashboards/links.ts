/** The uids of the dashboards: links and provisioning name them. */
export const uids = {
  overview: 'oscar-usage-overview',
  monthly: 'oscar-usage-monthly',
  service: 'oscar-usage-service',
  user: 'oscar-usage-user',
  country: 'oscar-usage-country',
  operator: 'oscar-usage-operator',
  /** Not of the plugin: `deploy/dashboards/`. */
  pipeline: 'oscar-pipeline',
} as const;

export type DashboardName = keyof typeof uids;

const titles: Readonly<Record<DashboardName, string>> = {
  overview: 'Overview',
  monthly: 'Monthly report',
  service: 'Service',
  user: 'User',
  country: 'Country',
  operator: 'Sources',
  pipeline: 'Log pipeline',
};

/** Named in a link with its value encoded: what it stands for may be any text. */
const dataSource = 'var-datasource=${datasource:percentencode}';

/** Link of a cell to the dashboard of what it names, with the range and the data source of the dashboard that it stands in. */
export function linkTo(kind: 'service' | 'user' | 'country') {
  return {
    title: `Open the dashboard of this ${kind}`,
    // Names come from logs.
    url: `/d/${uids[kind]}?\${__url_time_range}&${dataSource}&var-${kind}=\${__value.raw:percentencode}`,
    targetBlank: false,
  };
}

/** Links at the top of a dashboard to others. The report has a range of its own, so that it opens with the last month. */
export function dashboardLinks(names: readonly DashboardName[]) {
  return names.map((name) => ({
    type: 'link',
    title: titles[name],
    icon: 'dashboard',
    tooltip: '',
    url: `/d/${uids[name]}${name === 'pipeline' ? '' : `?${dataSource}`}`,
    keepTime: name !== 'monthly',
    includeVars: false,
    asDropdown: false,
    targetBlank: false,
    tags: [],
  }));
}
