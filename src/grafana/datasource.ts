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
import { type HealthReport } from '../core/health/line';
import { supportedQueryTypes } from '../core/reports/registry';
import { createSession, type Session } from '../core/session';
import { settingsFrom } from '../core/settings';
import { interimAfterMs, interimAndLast } from '../core/sources/interim';
import { defaultRetryPolicy, type RetryPolicy } from '../core/upstream/retry';
import { annotationSupport } from './annotations/annotationSupport';
import { grafanaConnections } from './connections';
import { queryText } from './editors/queryText';
import { isolated, type Job, type JobResult, runQuery } from './queryRunner';
import { type OscarOptions, type OscarQuery } from './types';
import { interpolateLimit, interpolateServices } from './variables/interpolate';
import { OscarVariableSupport } from './variables/variableSupport';

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

/** A little after the sources, so that the targets of one panel come in one packet. */
const packetsAfterMs = interimAfterMs + 100;

/** Grafana's contract, and nothing else: what a query means is decided in `queryRunner` and below. */
export class OscarDataSource extends DataSourceApi<OscarQuery, OscarOptions> {
  /** The query types that this version answers. */
  static readonly supportedQueryTypes: readonly string[] = supportedQueryTypes;

  /** How requests are repeated, by all instances; tests against failing engines shorten the waits. */
  static readonly retryPolicy: RetryPolicy = defaultRetryPolicy;

  override annotations = annotationSupport;

  private readonly session: Session;

  constructor(instanceSettings: DataSourceInstanceSettings<OscarOptions>) {
    super(instanceSettings);
    this.variables = new OscarVariableSupport((request) => this.query(request));
    const settings = settingsFrom(instanceSettings.jsonData, instanceSettings.uid);
    this.session = createSession(settings, grafanaConnections(settings), undefined, OscarDataSource.retryPolicy);
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
        return runQuery({ query, range, ...zone, now }, this.session);
      })
    );
    return combineLatest(jobs).pipe(
      interimAndLast(packetsAfterMs),
      map((results) => toResponse(results, request.requestId))
    );
  }

  /** Save & test. Never rejects: what is wrong is in the report. */
  override testDatasource(): Promise<HealthReport> {
    return lastValueFrom(this.session.checkHealth());
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
