import { type Connections, type UpstreamName } from '../upstream/connections';
import { toUpstreamError, type UpstreamErrorKind } from '../upstream/errors';

const adviceByKind: Readonly<Partial<Record<UpstreamErrorKind, (upstream: UpstreamName) => string>>> = {
  authentication: (upstream) =>
    `${upstream} rejects the credentials of its data source; correct them there` +
    (upstream === 'Loki' ? ' (a multi-tenant Loki also needs the header X-Scope-OrgID)' : ''),
  permission: (upstream) =>
    `access denied; you need permission to query the ${upstream} data source, and its own credentials must allow reading`,
  'not-found': (upstream) =>
    `no ${upstream} API at the URL of the data source; check the URL, and check that the two data sources are not swapped`,
  malformed: (upstream) =>
    `the server at the URL of the data source is not ${upstream}; check the URL (a login page or another program responds there), and check that the two data sources are not swapped`,
  rate: (upstream) => `${upstream} rejects requests because there are too many; try again, or raise its limit`,
};

/** Says what is wrong and what to change, for each way in which an upstream can fail to answer. */
export type Explain = (upstream: UpstreamName, error: unknown) => string;

export function explainerOf({ own }: Connections): Explain {
  return own?.explain ?? explainInGrafana;
}

function explainInGrafana(upstream: UpstreamName, error: unknown): string {
  const { kind, status, message } = toUpstreamError(error);
  if (kind === 'configuration') {
    return message;
  }
  const said = ` [${message}]`;
  if (status === 502 || status === 503) {
    return `Grafana cannot reach ${upstream} (${status}): it is down, or the URL of the data source is wrong${said}`;
  }
  if (kind === 'timeout') {
    return `${upstream} did not respond in time${status ? ` (${status})` : ''}; it is overloaded, or the connection fails${said}`;
  }
  const advice = adviceByKind[kind]?.(upstream);
  return advice ? `${advice}${said}` : `${upstream} failed to answer: ${message}`;
}
