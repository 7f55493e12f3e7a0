import { type UpstreamName } from '../../src/core/upstream/connections';
import { toUpstreamError, type UpstreamErrorKind } from '../../src/core/upstream/errors';
import { variableOf } from './upstreamSettings';

/** What Node says of a connection that failed, and what that means. */
const connectionFailures: ReadonlyArray<readonly [pattern: RegExp, advice: (upstream: UpstreamName) => string]> = [
  [
    /certificate|self.signed|altname|unable to verify|issuer|CERT_|\bSSL\b|\bTLS\b|EPROTO|wrong version number/i,
    (upstream) =>
      `the certificate of ${upstream} is not trusted, or it does not speak TLS there; name the file of its authority with ${variableOf(upstream, 'CA_FILE')} (caFile), and check the name of the host`,
  ],
  [
    /bad port/,
    (upstream) =>
      `the port of ${upstream} is one of another protocol, which HTTP may not use; check ${variableOf(upstream, 'URL')}`,
  ],
  [
    /ENOTFOUND|EAI_AGAIN/,
    (upstream) => `the host of ${upstream} is not known; check ${variableOf(upstream, 'URL')} and the DNS`,
  ],
  [
    /ECONNREFUSED/,
    (upstream) =>
      `nothing listens at the address of ${upstream}; check ${variableOf(upstream, 'URL')}, and whether ${upstream} is up`,
  ],
  [
    /ENETUNREACH|EHOSTUNREACH|ETIMEDOUT|connect timeout/i,
    (upstream) =>
      `the host of ${upstream} does not respond; check ${variableOf(upstream, 'URL')}, the network and its firewalls`,
  ],
];

const adviceByKind: Readonly<Partial<Record<UpstreamErrorKind, (upstream: UpstreamName) => string>>> = {
  authentication: (upstream) =>
    `${upstream} rejects the credentials; check ${variableOf(upstream, 'USERNAME')} with ${variableOf(upstream, 'PASSWORD')}, or ${variableOf(upstream, 'TOKEN')}, and, where it has tenants, ${variableOf(upstream, 'TENANT')}`,
  permission: (upstream) =>
    `${upstream} denies access; its credentials must allow reading, and ${variableOf(upstream, 'TENANT')} must be a tenant that they may read`,
  'not-found': (upstream) =>
    `no ${upstream} API at its address; check ${variableOf(upstream, 'URL')}, also its path, and that the two addresses are not swapped`,
  malformed: (upstream) =>
    `the server at the address is not ${upstream}; check ${variableOf(upstream, 'URL')} (a login page or another program responds there), and that the two addresses are not swapped`,
  rate: (upstream) => `${upstream} rejects requests because there are too many; try again later, or raise its limit`,
  unavailable: (upstream) => `${upstream} is down, or what is in front of it cannot reach it`,
  timeout: (upstream) => `${upstream} did not respond in time; it is overloaded, or the connection fails`,
};

/** What is wrong with an upstream and what to change, in the terms of the command line's own settings. */
export function explainByAddress(upstream: UpstreamName, error: unknown): string {
  const { kind, status, message } = toUpstreamError(error);
  if (kind === 'configuration') {
    return `${message}; set ${variableOf(upstream, 'URL')}`;
  }
  const ofConnection =
    status === undefined ? connectionFailures.find(([pattern]) => pattern.test(message))?.[1] : undefined;
  const advice = (ofConnection ?? adviceByKind[kind])?.(upstream);
  return advice ? `${advice} [${message}]` : `${upstream} failed to answer: ${message}`;
}
