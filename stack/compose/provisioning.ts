// What the files under provisioning/ must hold to, as rules that can be broken. Grafana itself only logs what it cannot
// use, and goes on without it.

export interface ProvisionedDataSource {
  name: string;
  uid?: string;
  type: string;
  access?: string;
  url?: string;
  jsonData?: Record<string, unknown>;
}

export interface DashboardProvider {
  name: string;
  type: string;
  options: { path: string };
}

export interface ProvisioningRules {
  pluginId: string;
  /** Names of the services of docker-compose.yaml, which are the host names of the URLs. */
  hosts: readonly string[];
  /** Folders of the container that hold dashboards. */
  dashboardFolders: readonly string[];
}

/** Data source types that an option of the plugin may point to. */
const targetTypes = { prometheusUid: 'prometheus', lokiUid: 'loki' } as const;

/** Everything about the data sources that breaks a rule, as sentences. */
export function dataSourceProblems(
  dataSources: readonly ProvisionedDataSource[],
  { pluginId, hosts }: ProvisioningRules
): string[] {
  const own = dataSources.filter(({ type }) => type === pluginId);
  const uids = dataSources.map(({ uid }) => uid);
  return [
    ...dataSources.flatMap(({ name, uid, access, url }) => [
      ...(uid ? [] : [`${name}: has no fixed uid`]),
      ...(uid && uids.indexOf(uid) !== uids.lastIndexOf(uid) ? [`${name}: uid ${uid} is used twice`] : []),
      ...(access === 'proxy' ? [] : [`${name}: access is not "proxy"`]),
      ...(url === undefined || hosts.includes(new URL(url).hostname) ? [] : [`${name}: nobody answers at ${url}`]),
    ]),
    ...(own.length > 0 ? [] : [`no data source of type ${pluginId}`]),
    ...own.flatMap(({ name, jsonData = {} }) => referenceProblems(name, jsonData, dataSources)),
    ...dataSources.flatMap(({ name, jsonData }) => dollarProblems(name, jsonData)),
  ];
}

function referenceProblems(
  name: string,
  jsonData: Record<string, unknown>,
  dataSources: readonly ProvisionedDataSource[]
): string[] {
  return Object.entries(targetTypes).flatMap(([option, type]) => {
    const target = dataSources.find(({ uid }) => uid !== undefined && uid === jsonData[option]);
    return target?.type === type ? [] : [`${name}: ${option} ${String(jsonData[option])} is not a ${type}`];
  });
}

/** Grafana replaces `$NAME` in provisioning files by the environment; a dollar that is meant is written twice. */
function dollarProblems(name: string, value: unknown): string[] {
  if (typeof value === 'string') {
    return value.replaceAll('$$', '').includes('$') ? [`${name}: a single $ in ${JSON.stringify(value)}`] : [];
  }
  return value !== null && typeof value === 'object'
    ? Object.values(value).flatMap((part) => dollarProblems(name, part))
    : [];
}

/** Everything about the providers of dashboards that breaks a rule, as sentences. */
export function providerProblems(
  providers: readonly DashboardProvider[],
  { dashboardFolders }: ProvisioningRules
): string[] {
  return [
    ...(providers.length > 0 ? [] : ['no dashboard is provisioned']),
    ...providers.flatMap(({ name, type, options }) => [
      ...(type === 'file' ? [] : [`${name}: type is not "file"`]),
      ...(dashboardFolders.includes(options.path) ? [] : [`${name}: no dashboards at ${options.path}`]),
    ]),
  ];
}
