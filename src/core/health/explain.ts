import { toUpstreamError, type UpstreamErrorKind } from '../upstream/errors';

type Upstream = 'Loki' | 'Prometheus';

const adviceByKind: Readonly<Partial<Record<UpstreamErrorKind, (upstream: Upstream) => string>>> = {
  authentication: (upstream) =>
    `${upstream} refuses the credentials of its data source; correct them there` +
    (upstream === 'Loki' ? ' (a Loki with several tenants also needs the header X-Scope-OrgID)' : ''),
  permission: (upstream) =>
    `access is denied; you need the permission to query the ${upstream} data source, and its own credentials must allow reading`,
  'not-found': (upstream) =>
    `there is no ${upstream} API at the URL of the data source; check the URL, and that the two data sources are not swapped`,
  malformed: (upstream) =>
    `what answers at the URL of the data source is not ${upstream}; check the URL (a login page or another program answers there), and that the two data sources are not swapped`,
  rate: (upstream) => `${upstream} refuses requests because there are too many; try again, or raise its limit`,
};

/** What is wrong and what to change, for each way in which an upstream can fail to answer. */
export function explain(upstream: Upstream, error: unknown): string {
  const { kind, status, message } = toUpstreamError(error);
  if (kind === 'configuration') {
    return message;
  }
  const said = ` [${message}]`;
  if (status === 502 || status === 503) {
    return `Grafana does not reach ${upstream} (${status}): it is down, or the URL of the data source is wrong${said}`;
  }
  if (kind === 'timeout') {
    return `${upstream} did not answer in time${status ? ` (${status})` : ''}; it is overloaded, or the connection does not get through${said}`;
  }
  const advice = adviceByKind[kind]?.(upstream);
  return advice ? `${advice}${said}` : `${upstream} could not answer: ${message}`;
}
