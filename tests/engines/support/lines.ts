import { type CaseEntry } from '../../../stack/conformance/caseFile';
import { caseLabel, streamDefaults } from '../../../stack/conformance/isolation';
import { seedLoki, streamsOf } from '../../../stack/conformance/seed';

/** A request that a test makes up. */
export interface MadeRequest {
  /** Loki's timestamp, in ns since the epoch. */
  time: bigint;
  type: 'sync' | 'async' | 'exposed';
  service: string;
  /** Not logged for an exposed request. */
  user: string;
  /** ISO 3166-1 alpha-2; undefined: no such label. */
  country?: string;
}

const nsPerMs = BigInt(1_000_000);

/** The millisecond that a request belongs to: the one at or after its time (contract rule 5). */
export function millisecondOf({ time }: MadeRequest): number {
  return Number((time + nsPerMs - BigInt(1)) / nsPerMs);
}

/** Nanoseconds since the epoch. */
export function nanoseconds(ms: number, ns = 0): bigint {
  return BigInt(ms) * nsPerMs + BigInt(ns);
}

/**
 * Pushes requests and waits until all can be read. Equal ones stay apart. Returns the options of a data source that sees
 * these requests only, and no Prometheus, which it would wait for. `name` is unique within the Loki.
 */
export async function pushRequests(
  lokiUrl: string,
  name: string,
  requests: readonly MadeRequest[]
): Promise<Record<string, unknown>> {
  const entries = requests.map((request, index): CaseEntry => ({
    stream: request.type === 'exposed' ? 'ingress' : 'manager',
    time: request.time,
    line: lineOf(request, index),
    labels: request.country === undefined ? {} : { geoip_country_code: request.country },
  }));
  return pushEntries(lokiUrl, name, entries);
}

/** The same for lines as they are, which differ where they have one time. */
export async function pushEntries(
  lokiUrl: string,
  name: string,
  entries: readonly CaseEntry[]
): Promise<Record<string, unknown>> {
  const caseId = `${name}-1`;
  await seedLoki(lokiUrl, streamsOf(entries, caseId), name);
  return {
    requestSelector: selectorOf(streamDefaults.manager, caseId),
    exposedSelector: selectorOf(streamDefaults.ingress, caseId),
    prometheusUid: '',
  };
}

/** Loki keeps one of equal lines at one time in a stream, so that a part that nobody reads tells them apart. */
function lineOf({ time, type, service, user }: MadeRequest, index: number): string {
  if (type === 'exposed') {
    return `10.0.0.1 - - [15/Jun/2025:12:30:00 +0000] "GET /system/services/${service}/exposed/?n=${index} HTTP/1.1" 200 17 "-" "curl"`;
  }
  const path = `/${type === 'sync' ? 'run' : 'job'}/${service}`;
  const logged = new Date(Number(time / 1_000_000n)).toISOString();
  return `[GIN-EXECUTIONS-LOGGER] ${logged} | 200 | 1.${index}ms | 10.0.0.1 | POST    ${path} | ${user}`;
}

function selectorOf(labels: Readonly<Record<string, string>>, caseId: string): string {
  const matchers = Object.entries({ ...labels, [caseLabel]: caseId }).map(([name, value]) => `${name}="${value}"`);
  return `{${matchers.join(', ')}}`;
}
