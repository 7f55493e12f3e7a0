import { lastValueFrom } from 'rxjs';

import { dayMs } from '../src/core/domain/duration';
import { type Core } from '../stack/core/openCore';
import { UserError } from '../stack/lib/errors';
import { type Range } from '../stack/traffic';

// What others ask of the same Loki for the same figures, by the same way as the plugin's core.

const managerLines = '{namespace="oscar", app="oscar"} |= "[GIN-EXECUTIONS-LOGGER]"';

interface LokiAnswer {
  data: { result: Array<{ values: Array<[number | string, string]>; value?: [number, string] }> };
}

async function get(core: Core, path: string, params: Record<string, string>): Promise<LokiAnswer> {
  try {
    const request = { uid: 'loki', method: 'GET', path: `loki/api/v1/${path}`, params } as const;
    return (await lastValueFrom(core.transport(request))) as LokiAnswer;
  } catch (error) {
    throw new UserError(`Loki was asked for ${path}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

const ns = (ms: number) => `${ms}000000`;

/** The floor: the cheapest range query that looks at every line once, in pieces of the longest range that Loki allows. */
export async function barePass(core: Core, { from, to }: Range): Promise<void> {
  const pieces: Range[] = [];
  for (let start = from; start < to; start += 30 * dayMs) {
    pieces.push({ from: start, to: Math.min(to, start + 30 * dayMs) });
  }
  await Promise.all(
    pieces.map((piece) =>
      get(core, 'query_range', {
        query: `sum(count_over_time(${managerLines} [1d]))`,
        start: ns(piece.from + dayMs),
        end: ns(piece.to),
        step: '1d',
      })
    )
  );
}

/**
 * How OSCAR's own endpoints count: all lines, 5000 a page, each page from the last line on (pkg/metrics of OSCAR).
 * Gives the number of requests.
 */
export async function oscarPaging(core: Core, { from, to }: Range): Promise<number> {
  const pageSize = 5000;
  const request = /\| POST +\/(?:run|job)\//;
  let requests = 0;
  let start = BigInt(ns(from));
  for (;;) {
    const { data } = await get(core, 'query_range', {
      query: managerLines,
      start: String(start),
      end: ns(to),
      limit: String(pageSize),
      direction: 'forward',
    });
    const lines = data.result.flatMap(({ values }) => values);
    requests += lines.filter(([, line]) => request.test(line)).length;
    if (lines.length < pageSize) {
      return requests;
    }
    const last = lines.reduce((latest, [time]) => (BigInt(time) > latest ? BigInt(time) : latest), start);
    start = last + 1n;
  }
}

const callPattern =
  '`\\| *(?P<status>[0-9]+) \\|[^|]*\\| *(?P<ip>[^ ]+) \\| *POST *(?P<path>/(?:run|job)/[^ ]+) \\| *(?P<user>[^ ]+)`';

/** The Loki queries of OSCAR's own Grafana dashboard: sync, async and exposed, each over time and in total. */
export async function oscarDashboard(core: Core, { from, to }: Range): Promise<void> {
  const days = Math.round((to - from) / dayMs);
  const kinds = [
    `{namespace="oscar", app="oscar"} |= "GIN-EXECUTIONS-LOGGER" |= "/run/" | regexp ${callPattern} | path =~ "/run/.+"`,
    `{namespace="oscar", app="oscar"} |= "GIN-EXECUTIONS-LOGGER" |= "/job/" | regexp ${callPattern} | path =~ "/job/.+"`,
    '{namespace=~"ingress-nginx|traefik", app=~"ingress-nginx|traefik"} |= "/system/services/" | regexp `/system/services/(?P<service>[^/]+)/exposed`',
  ];
  await Promise.all(
    kinds.flatMap((lines) => [
      get(core, 'query_range', {
        query: `sum(count_over_time(${lines} [30m]))`,
        start: ns(from),
        end: ns(to),
        step: '30m',
      }),
      get(core, 'query', { query: `sum(count_over_time(${lines} [${days}d]))`, time: ns(to) }),
    ])
  );
}
