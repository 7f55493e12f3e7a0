// Runs the built plugin outside Grafana: the real @grafana/data and @grafana/runtime, and Grafana's manners towards a
// data source (request queue, proxy, time-outs). Demo, conformance runner and benchmarks share it.
export { createHost } from './host';
export type { Host, QueryResult } from './host';
export type { QueryOptions, Target } from './queryRequest';
export type { UpstreamRequest } from '../lib/requestLog';
export { shortenWaits } from './waits';
