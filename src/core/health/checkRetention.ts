import { catchError, forkJoin, map, type Observable, of } from 'rxjs';

import { dayMs } from '../domain/duration';
import { keepsHalfAYear, lokiRetention, prometheusRetention } from '../domain/retention';
import { type SourceName, sourceNames } from '../domain/sources';
import { amountOf, isoTime } from '../domain/text';
import { type Settings } from '../settings';
import { type Connections, lokiClient, prometheusClient } from '../upstream/connections';
import { type LokiClient } from '../upstream/loki';
import { type LokiLimits } from '../upstream/lokiLimits';
import { type PrometheusClient } from '../upstream/prometheus';
import { once } from '../upstream/retry';
import { type Explain, explainerOf } from './explain';
import { oldestLine } from './lokiHealth';

/** Whether a source keeps what a report of half a year needs. */
export interface RetentionVerdict {
  source: SourceName;
  /** `not-needed`: the source has no past, or the options leave it out. */
  verdict: 'yes' | 'no' | 'unknown' | 'not-needed';
  /** How long data are kept, since when there are any and, where that is too short, what to change. */
  text: string;
}

type Verdict = Omit<RetentionVerdict, 'source'>;

/** What is known of how long an upstream keeps data, in ms; infinite: without a limit, absent: not known. */
interface Keeping {
  keptMs?: number;
  /** Time of the oldest data, in ms since the epoch. */
  oldest?: number;
}

const noPast: Verdict = { verdict: 'not-needed', text: 'only the present state is reported' };
const ofOptions: Verdict = { verdict: 'not-needed', text: 'set in the options' };

/** Asks both upstreams how long they keep data; `now` in ms since the epoch. One verdict for each source. Never errors. */
export function checkRetention(
  settings: Settings,
  connections: Connections,
  now: number
): Observable<RetentionVerdict[]> {
  const explain = explainerOf(connections);
  return forkJoin([lokiVerdicts(settings, connections, now, explain), usageVerdict(connections, now, explain)]).pipe(
    map(([{ requests, exposed }, usage]) => {
      const verdicts: Readonly<Record<SourceName, Verdict>> = {
        'service-inventory': noPast,
        'usage-cpu': usage,
        'usage-gpu': usage,
        'request-logs': requests,
        'exposed-request-logs': exposed,
        // Countries are labels of the same lines.
        'country-attribution': requests,
        'user-roster': ofOptions,
      };
      return sourceNames.map((source) => ({ source, ...verdicts[source] }));
    })
  );
}

function lokiVerdicts(settings: Settings, connections: Connections, now: number, explain: Explain) {
  const verdictOf = (selector: string): Observable<Verdict> =>
    asked(() => lokiVerdict(lokiClient(connections, once), selector, now), 'Loki', explain);
  const { requestSelector, exposedSelector } = settings;
  return forkJoin({
    requests: verdictOf(requestSelector),
    exposed:
      exposedSelector === ''
        ? of<Verdict>({ verdict: 'not-needed', text: 'not configured' })
        : verdictOf(exposedSelector),
  });
}

function lokiVerdict(client: LokiClient, selector: string, now: number): Observable<Verdict> {
  const limits$ = client.limits().pipe(catchError(() => of(undefined)));
  return forkJoin([limits$, oldestLine(client, selector, selector, now)]).pipe(
    map(([limits, { hasStreams, first }]) =>
      hasStreams
        ? verdictOf({ keptMs: keptBy(limits), oldest: first }, 'line', now, cureOf(limits))
        : { verdict: 'unknown', text: `no stream matches ${selector} in the last 30 days` }
    )
  );
}

/** Lines that may not be asked for are as good as gone. A Loki that states its limits without a retention has none. */
function keptBy(limits: LokiLimits | undefined): number | undefined {
  return limits && Math.min(limits.retentionMs ?? Infinity, limits.lookBackMs ?? Infinity);
}

function cureOf({ retentionMs = Infinity, lookBackMs = Infinity }: LokiLimits = {}): string {
  return lookBackMs < retentionMs
    ? 'set max_query_lookback to 0, or to as long as lines are kept'
    : `set ${lokiRetention}`;
}

function usageVerdict(connections: Connections, now: number, explain: Explain): Observable<Verdict> {
  return asked(() => samplesVerdict(prometheusClient(connections, once), now), 'Prometheus', explain);
}

/** A compatible engine may not have these questions; the one that every engine has shows whether it answers at all. */
function samplesVerdict(client: PrometheusClient, now: number): Observable<Verdict> {
  const known = <T>(answer: Observable<T>) => answer.pipe(catchError(() => of(undefined)));
  return forkJoin([client.instant('vector(1)', now), known(client.retention()), known(client.oldestSample())]).pipe(
    map(([, keptMs, oldest]) => verdictOf({ keptMs, oldest }, 'sample', now, `set ${prometheusRetention}`))
  );
}

function verdictOf({ keptMs, oldest }: Keeping, what: 'line' | 'sample', now: number, cure: string): Verdict {
  const since =
    oldest === undefined ? '' : `; the oldest ${what} is from ${isoTime(oldest)} (${inDays(now - oldest)} ago)`;
  if (keptMs !== undefined) {
    const length = keptMs === Infinity ? 'without a limit' : `for ${inDays(keptMs)}`;
    const text = `${what}s are kept ${length}${since}`;
    return keepsHalfAYear(keptMs) ? { verdict: 'yes', text } : { verdict: 'no', text: `${text}; ${cure}` };
  }
  return oldest !== undefined && keepsHalfAYear(now - oldest)
    ? { verdict: 'yes', text: `it is unknown how long ${what}s are kept${since}` }
    : { verdict: 'unknown', text: `it is unknown how long ${what}s are kept${since}; ${cure}` };
}

const inDays = (ms: number) => amountOf(Math.round(ms / dayMs), 'day');

function asked(ask: () => Observable<Verdict>, upstream: 'Loki' | 'Prometheus', explain: Explain): Observable<Verdict> {
  const failed = (error: unknown): Verdict => ({ verdict: 'unknown', text: explain(upstream, error) });
  try {
    return ask().pipe(catchError((error: unknown) => of(failed(error))));
  } catch (error) {
    return of(failed(error));
  }
}
