import {
  type DataQueryRequest,
  type DataQueryResponse,
  DataSourceApi,
  type DataSourceInstanceSettings,
  getTimeZone,
  LoadingState,
  type ScopedVars,
} from '@grafana/data';
import { getTemplateSrv } from '@grafana/runtime';
import { combineLatest, lastValueFrom, map, type Observable, of } from 'rxjs';

import { timeZoneOf } from '../core/domain/periods';
import { spanOfInclusive } from '../core/domain/span';
import { LokiWitness } from '../core/evidence/lokiEvidence';
import { PrometheusWitness } from '../core/evidence/prometheusEvidence';
import { checkHealth } from '../core/health/checkHealth';
import { type HealthReport } from '../core/health/line';
import { WindowStore } from '../core/hours/windowStore';
import { MemoryBudget } from '../core/memoryBudget';
import { supportedQueryTypes } from '../core/reports/registry';
import { Ledgers } from '../core/requests/ledgers';
import { type Settings, settingsFrom } from '../core/settings';
import { interimAfterMs, interimAndLast } from '../core/sources/interim';
import { type Upstreams } from '../core/sources/source';
import { type OscarOptions, type OscarQuery } from '../core/types';
import { Gate } from '../core/upstream/gate';
import { gatedTransport } from '../core/upstream/gatedTransport';
import { wholeChunksTransport } from '../core/upstream/lostChunks';
import { provenTransport } from '../core/upstream/proof';
import { Refusals } from '../core/upstream/refusals';
import { defaultRetryPolicy, type RetryPolicy } from '../core/upstream/retry';
import { SentQueries } from '../core/upstream/sentQueries';
import { Sharing } from '../core/upstream/sharing';
import { StatedLimits } from '../core/upstream/statedLimits';
import { type Engine, engineOf, grafanaTransport, type TransportRequest } from '../core/upstream/transport';
import { annotationSupport } from './annotations/annotationSupport';
import { queryText } from './editors/queryText';
import { isolated, type Job, type JobResult, runQuery } from './queryRunner';
import { interpolateLimit, interpolateServices } from './variables/interpolate';
import { OscarVariableSupport } from './variables/variableSupport';

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

/** Requests under way at the same time. Grafana lets five through for a whole page; others need some of them. */
const parallelRequests = 3;

/** Of these, so many may go to Prometheus, so that a slow one does not hold Loki up. */
const parallelUsageRequests = 2;

/** Hours of one service in one window, kept for each of CPU and the rest: a year of 400 services by the day. */
const mostUsageEntries = 150_000;

/** A little after the sources, so that the targets of one panel come in one packet. */
const packetsAfterMs = interimAfterMs + 100;

/** Grafana's contract, and nothing else: what a query means is decided in `queryRunner` and below. */
export class OscarDataSource extends DataSourceApi<OscarQuery, OscarOptions> {
  /** The query types that this version answers. */
  static readonly supportedQueryTypes: readonly string[] = supportedQueryTypes;

  /** How requests are repeated, by all instances; tests against failing engines shorten the waits. */
  static readonly retryPolicy: RetryPolicy = defaultRetryPolicy;

  override annotations = annotationSupport;

  private readonly settings: Settings;
  private readonly upstreams: Upstreams;

  constructor(instanceSettings: DataSourceInstanceSettings<OscarOptions>) {
    super(instanceSettings);
    this.variables = new OscarVariableSupport((request) => this.query(request));
    this.settings = settingsFrom(instanceSettings.jsonData, instanceSettings.uid);
    const now = () => Date.now();
    const whole = wholeChunksTransport(provenTransport(grafanaTransport), now);
    const statedLimits = new StatedLimits(now);
    const sentQueries = new SentQueries(now);
    const cacheBytes = this.settings.cacheMegabytes * 1024 * 1024;
    const memory = new MemoryBudget(cacheBytes);
    const refusals = new Refusals((refused) => this.forget(refused));
    const gated = gatedTransport(sentQueries.recorded(whole), new Gate(parallelRequests));
    const transport = refusals.watched(gated);
    this.upstreams = {
      transport,
      sentQueries,
      refusals,
      usageTransport: gatedTransport(transport, new Gate(parallelUsageRequests)),
      ledgers: new Ledgers({
        settleDelayMs: this.settings.settleDelayMinutes * 60_000,
        cacheBytes,
        memory,
        now,
        statedLimits,
      }),
      lokiWitness: new LokiWitness(now, statedLimits),
      prometheusWitness: new PrometheusWitness(now),
      usage: new Sharing(now),
      cpuWindows: new WindowStore(mostUsageEntries, memory),
      cpuCompletions: new WindowStore(mostUsageEntries, memory),
      usageWindows: new WindowStore(mostUsageEntries, memory),
      scrapedSlots: new WindowStore(mostUsageEntries, memory),
      inventory: new Sharing(now),
    };
  }

  override getDefaultQuery(): Partial<OscarQuery> {
    return { queryType: 'summary' };
  }

  /** A line for the query history. */
  override getQueryDisplayText(query: OscarQuery): string {
    return queryText(query);
  }

  override filterQuery(query: OscarQuery | null | undefined): boolean {
    return Boolean(query?.queryType) && !query?.hide;
  }

  override query(request: DataQueryRequest<OscarQuery>): Observable<DataQueryResponse> {
    const now = Date.now();
    const range = spanOfInclusive(request.range?.from.valueOf() ?? now - dayMs, request.range?.to.valueOf() ?? now);
    const zone = zoneOf(request.timezone);
    // The mixed data source does not call `filterQuery`.
    const targets = request.targets.filter((target) => this.filterQuery(target));
    if (targets.length === 0) {
      return of({ data: [], state: LoadingState.Done, key: request.requestId });
    }
    const jobs = targets.map((target) =>
      isolated(target, () => {
        const query = interpolated(target, request.scopedVars);
        return runQuery({ query, range, ...zone, now }, this.settings, this.upstreams);
      })
    );
    return combineLatest(jobs).pipe(
      interimAndLast(packetsAfterMs),
      map((results) => toResponse(results, request.requestId))
    );
  }

  /** Drops what is kept of an engine that no longer lets this user read. */
  private forget(refused: TransportRequest): void {
    const { ledgers, lokiWitness, prometheusWitness, usage, inventory, ...kept } = this.upstreams;
    const { cpuWindows, cpuCompletions, usageWindows, scrapedSlots } = kept;
    const ofEngine: Record<Engine, ReadonlyArray<{ clear: () => void }>> = {
      loki: [ledgers, lokiWitness],
      prometheus: [prometheusWitness, usage, inventory, cpuWindows, cpuCompletions, usageWindows, scrapedSlots],
    };
    ofEngine[engineOf(refused)].forEach((cache) => cache.clear());
    this.upstreams.sentQueries.forgetAllBut(refused);
  }

  /** Save & test. Never rejects: what is wrong is in the report. */
  override testDatasource(): Promise<HealthReport> {
    return lastValueFrom(checkHealth(this.settings, this.upstreams.transport, Date.now()));
  }
}

/** Services that are no list of texts are left for the check of the query, as a limit that is no text. */
function interpolated(target: OscarQuery, scopedVars: ScopedVars): OscarQuery {
  const { services, limit, ...rest } = target;
  const hasNames = Array.isArray(services) && services.every((service) => typeof service === 'string');
  const names = hasNames ? interpolateServices(getTemplateSrv(), services, scopedVars) : services;
  return {
    ...rest,
    ...(names !== undefined && { services: names }),
    ...(limit !== undefined && {
      limit: typeof limit === 'string' ? interpolateLimit(getTemplateSrv(), limit, scopedVars) : limit,
    }),
  };
}

/** An IANA zone name for what Grafana calls a time zone: `browser`, `utc`, a name, or nothing. UTC for an unknown one. */
function zoneOf(timezone: string | undefined): Pick<Job, 'zone' | 'unknownZone'> {
  const given = timezone || getTimeZone();
  const name = given === 'browser' ? Intl.DateTimeFormat().resolvedOptions().timeZone : given;
  const zone = timeZoneOf(String(name));
  return zone === undefined ? { zone: 'utc', unknownZone: String(name) } : { zone };
}

/** `Loading` keeps the panel's spinner; `Streaming` would count as finished for image rendering. */
function stateOfResults(results: readonly JobResult[]): LoadingState {
  if (results.some(({ loading }) => loading)) {
    return LoadingState.Loading;
  }
  return results.some(({ error }) => error) ? LoadingState.Error : LoadingState.Done;
}

function toResponse(results: readonly JobResult[], key: string): DataQueryResponse {
  const errors = results.flatMap(({ error }) => error ?? []);
  return {
    data: results.flatMap(({ frames }) => frames),
    key,
    state: stateOfResults(results),
    // Grafana 12 still reads `error` in places where `errors` alone would leave the panel without a mark.
    // eslint-disable-next-line @typescript-eslint/no-deprecated
    ...(errors.length > 0 && { error: errors[0], errors }),
  };
}
