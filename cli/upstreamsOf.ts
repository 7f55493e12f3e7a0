import { type SourceName } from '../src/core/domain/sources';
import { type UsageQuery } from '../src/core/query';
import { reports } from '../src/core/reports/registry';
import { selectionOf } from '../src/core/reports/selection';
import { type UpstreamName } from '../src/core/upstream/connections';

const upstreamOf: Readonly<Record<SourceName, UpstreamName | undefined>> = {
  'service-inventory': 'Prometheus',
  'usage-cpu': 'Prometheus',
  'usage-gpu': 'Prometheus',
  'request-logs': 'Loki',
  'exposed-request-logs': 'Loki',
  'country-attribution': 'Loki',
  'user-roster': undefined,
};

/** The upstreams that sources are read from. */
export function upstreamsOf(sources: readonly string[]): ReadonlySet<UpstreamName> {
  const all = sources.map((source) => upstreamOf[source as SourceName]);
  return new Set(all.filter((upstream) => upstream !== undefined));
}

/** The upstreams that a query is answered from. A valid query is expected. */
export function upstreamsFor(query: UsageQuery): ReadonlySet<UpstreamName> {
  return upstreamsOf(selectionOf(reports[query.queryType], query).sources);
}
