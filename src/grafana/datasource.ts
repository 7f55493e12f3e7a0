import {
  type DataFrame,
  type DataQueryError,
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

import { type Answer } from '../core/answer';
import { dayMs } from '../core/domain/duration';
import { spanOfInclusive } from '../core/domain/span';
import { type HealthReport } from '../core/health/line';
import { isolated } from '../core/isolated';
import { createSession, type Session } from '../core/session';
import { settingsFrom } from '../core/settings';
import { interimAfterMs, interimAndLast } from '../core/sources/interim';
import { annotationSupport } from './annotations/annotationSupport';
import { grafanaConnections } from './connections';
import { periodsBeforeProblem, withPeriodsBefore } from './earlier';
import { queryText } from './editors/queryText';
import { answerFrames } from './frames/answerFrames';
import { keysProblem, ofKeys } from './frames/ofKeys';
import { type OscarOptions, type OscarQuery } from './types';
import { interpolateKeys, interpolateLimit, interpolateServices } from './variables/interpolate';
import { OscarVariableSupport } from './variables/variableSupport';

/** A little after the sources, so that the targets of one panel come in one packet. */
const packetsAfterMs = interimAfterMs + 100;

/** Grafana's contract, and nothing else: what a query means is decided in `core`. */
export class OscarDataSource extends DataSourceApi<OscarQuery, OscarOptions> {
  override annotations = annotationSupport;

  private readonly session: Session;

  constructor(instanceSettings: DataSourceInstanceSettings<OscarOptions>) {
    super(instanceSettings);
    this.variables = new OscarVariableSupport(
      (request) => this.query(request),
      (sources, request) => this.session.ahead({ sources, ...circumstancesOf(request) })
    );
    const settings = settingsFrom(instanceSettings.jsonData, instanceSettings.uid);
    this.session = createSession(settings, grafanaConnections(settings));
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
    const { range, zone, askedAt } = circumstancesOf(request);
    // The mixed data source does not call `filterQuery`.
    const targets = request.targets.filter((target) => this.filterQuery(target));
    if (targets.length === 0) {
      return of({ data: [], state: LoadingState.Done, key: request.requestId });
    }
    const packets = targets.map((target) =>
      isolated(
        () => {
          const problem = keysProblem(target) ?? periodsBeforeProblem(target);
          if (problem) {
            return of(failureOf(problem, target));
          }
          const { keys, ...query } = interpolated(target, request.scopedVars);
          const asked = withPeriodsBefore(range, target, zone);
          return this.session
            .answer(query, asked, zone, askedAt, askerOf(request, target))
            .pipe(map((answer) => packetOf(ofKeys(answer, target, keys), target)));
        },
        (message) => failureOf(message, target)
      )
    );
    return combineLatest(packets).pipe(
      interimAndLast(packetsAfterMs),
      map((ofTargets) => toResponse(ofTargets, request.requestId))
    );
  }

  /** Save & test. Never rejects: what is wrong is in the report. */
  override testDatasource(): Promise<HealthReport> {
    return lastValueFrom(this.session.checkHealth());
  }
}

/** Services that are no list of texts are left for the check of the query, as a limit that is no text. */
function interpolated(target: OscarQuery, scopedVars: ScopedVars): OscarQuery {
  const { services, limit, keys, ...rest } = target;
  const hasNames = Array.isArray(services) && services.every((service) => typeof service === 'string');
  const names = hasNames ? interpolateServices(getTemplateSrv(), services, scopedVars) : services;
  return {
    ...rest,
    ...(names !== undefined && { services: names }),
    ...(keys && { keys: interpolateKeys(getTemplateSrv(), keys, scopedVars) }),
    ...(limit !== undefined && {
      limit: typeof limit === 'string' ? interpolateLimit(getTemplateSrv(), limit, scopedVars) : limit,
    }),
  };
}

/** The same for the same target of the same panel, each time it asks. */
function askerOf({ app, dashboardUID, panelId }: DataQueryRequest<OscarQuery>, { refId }: OscarQuery): string {
  return JSON.stringify([app, dashboardUID, panelId, refId]);
}

/** When a request is made, and what its range and its time zone are. */
function circumstancesOf({ range, timezone, scopedVars }: DataQueryRequest<OscarQuery>) {
  const askedAt = Date.now();
  const [from, to] = [range?.from.valueOf() ?? askedAt - dayMs, range?.to.valueOf() ?? askedAt];
  return { range: spanOfInclusive(from, to), zone: zoneOf(timezone, scopedVars), askedAt };
}

/** Grafana's name for the time zone of the dashboard, which it does not hand to variables. */
const zoneVariable = '${__timezone}';

/** The name of what Grafana calls a time zone: `browser`, `utc`, a name, or nothing. */
function zoneOf(timezone: string | undefined, scopedVars: ScopedVars): string {
  const ofDashboard = timezone ? '' : getTemplateSrv().replace(zoneVariable, scopedVars);
  const given = timezone || (ofDashboard === zoneVariable ? '' : ofDashboard) || getTimeZone();
  return String(given === 'browser' ? Intl.DateTimeFormat().resolvedOptions().timeZone : given);
}

/** What one target has to show. */
interface Packet {
  frames: DataFrame[];
  loading?: boolean;
  error?: DataQueryError;
}

function packetOf(answer: Answer, target: OscarQuery): Packet {
  return answer.kind === 'failure'
    ? failureOf(answer.message, target)
    : { frames: answerFrames(answer, target), loading: answer.loading };
}

function failureOf(message: string, { refId }: OscarQuery): Packet {
  return { frames: [], error: { refId, message } };
}

/** `Loading` keeps the panel's spinner; `Streaming` would count as finished for image rendering. */
function stateOf(packets: readonly Packet[]): LoadingState {
  if (packets.some(({ loading }) => loading)) {
    return LoadingState.Loading;
  }
  return packets.some(({ error }) => error) ? LoadingState.Error : LoadingState.Done;
}

function toResponse(packets: readonly Packet[], key: string): DataQueryResponse {
  const errors = packets.flatMap(({ error }) => error ?? []);
  return {
    data: packets.flatMap(({ frames }) => frames),
    key,
    state: stateOf(packets),
    // Grafana 12 still reads `error` in places where `errors` alone would leave the panel without a mark.
    // eslint-disable-next-line @typescript-eslint/no-deprecated
    ...(errors.length > 0 && { error: errors[0], errors }),
  };
}
