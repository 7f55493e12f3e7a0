import { type Connections } from './connections';
import { UpstreamError } from './errors';
import { type Endpoint, fetchTransport } from './fetchTransport';

/** Where the upstreams are; one that is absent can't be asked, and what depends on it is missing. */
export interface Endpoints {
  loki?: Endpoint;
  prometheus?: Endpoint;
}

/** The ways to upstreams at known addresses, by the `fetch` of a browser or of Node. */
export function fetchConnections(endpoints: Endpoints): Connections {
  const uidOf = (uid: keyof Endpoints) => {
    if (!endpoints[uid]) {
      throw new UpstreamError('configuration', `no address of a ${uid === 'loki' ? 'Loki' : 'Prometheus'} is given`);
    }
    return uid;
  };
  const { loki, prometheus } = endpoints;
  return {
    transport: fetchTransport({ ...(loki && { loki }), ...(prometheus && { prometheus }) }),
    loki: () => ({ uid: uidOf('loki') }),
    prometheus: () => ({ uid: uidOf('prometheus'), method: 'POST', customParameters: [] }),
  };
}
