import { type DataFrame, type DataQueryError } from '@grafana/data';
import { catchError, defer, type Observable, of, switchMap } from 'rxjs';

import { completenessEntry, noticesOf } from '../core/completeness/notices';
import { withMinimumCoverage } from '../core/completeness/strict';
import { membershipIn } from '../core/domain/membership';
import { othersKey } from '../core/domain/others';
import { isWithinDays, periodsOf, type PeriodUnit } from '../core/domain/periods';
import { type SourceName } from '../core/domain/sources';
import { type Span } from '../core/domain/span';
import { inGroups } from '../core/domain/text';
import { limitOf } from '../core/reports/queryLimit';
import { reports, supportedQueryTypes } from '../core/reports/registry';
import { type Report, type ReportContext } from '../core/reports/report';
import { runReport, runSeries, statesOf } from '../core/reports/runReport';
import { type Selection, selectionOf } from '../core/reports/selection';
import { membershipOfTexts, type ShownUsers, shownUsersOf } from '../core/reports/shownUsers';
import { smallGroupRemarks } from '../core/reports/smallGroups';
import { queryProblem, withoutEmpty } from '../core/reports/validate';
import { type Granularity } from '../core/requests/grid';
import { type Settings } from '../core/settings';
import { gather } from '../core/sources/gather';
import { type Gathered, type Needs, type Upstreams } from '../core/sources/source';
import { finished, pageTurns, type Work } from '../core/turns';
import { type OscarQuery } from '../core/types';
import { gapFrames } from './frames/gapFrame';
import { seriesFrame } from './frames/seriesFrame';
import { tableFrame, type TableMeta } from './frames/tableFrame';

/** A query with everything that Grafana knows about its surroundings, template variables filled in. */
export interface Job {
  query: OscarQuery;
  range: Span;
  /** IANA name. */
  zone: string;
  /** What Grafana called the zone, where nobody knows it and UTC is used instead. */
  unknownZone?: string;
  /** ms since the epoch. */
  now: number;
}

export interface JobResult {
  frames: DataFrame[];
  /** True while better frames are to come. */
  loading?: boolean;
  error?: DataQueryError;
}

/** Ranges up to this long are kept by the hour, so that a graph of hours needs no second reading of the logs. */
const hourlyUpToDays = 3;

/**
 * Answers one query. Emits once, and before that, where it takes long, what is known so far, marked `loading`. Never
 * errors: what went wrong is in the result.
 */
export function runQuery(job: Job, settings: Settings, upstreams: Upstreams): Observable<JobResult> {
  return isolated(job.query, () => answer(job, settings, upstreams));
}

/** Makes any error of one query, also a fault of the plugin itself, the failure of this query and of no other. */
export function isolated(query: Pick<OscarQuery, 'refId'>, run: () => Observable<JobResult>): Observable<JobResult> {
  return defer(run).pipe(
    catchError((error: unknown) => {
      const message = error instanceof Error ? error.message : String(error);
      return of(failure(query, `this query failed because of a bug in the plugin: ${message}`));
    })
  );
}

function answer(stored: Job, settings: Settings, upstreams: Upstreams): Observable<JobResult> {
  const job = { ...stored, query: withoutEmpty(stored.query) };
  const { query, range, zone, now } = job;
  const problem = queryProblem(query) ?? settings.problem ?? formatProblem(query);
  if (problem) {
    return of(failure(query, problem));
  }
  const report = reports[query.queryType];
  if (query.services?.length === 0 && query.queryType !== 'completeness') {
    return of(nothing(report, job, settings));
  }
  const unit = periodUnit(query, range, zone);
  const granularity: Granularity = unit === 'hour' || isWithinDays(range, hourlyUpToDays, zone) ? 'hour' : 'day';
  const usageGranularity: Granularity = unit === 'hour' ? 'hour' : 'day';
  const selection = selectionOf(report, query);
  const { needs } = selection;
  const spans = unit ? periodsOf(range, unit, zone) : [range];
  return gather(
    {
      needs,
      range,
      zone,
      granularity,
      usageGranularity,
      spans,
      readAgain: query.bypassCache === true || query.readAgain === true,
      settings,
      now,
    },
    upstreams
  ).pipe(
    // What is newer takes the place of what is still being computed.
    switchMap((gathered) =>
      pageTurns.run(() =>
        resultOf(report, job, strict(gathered, query, settings, spans), unit, settings, upstreams, selection)
      )
    )
  );
}

function formatProblem({ queryType, format }: OscarQuery): string | undefined {
  if (format !== 'timeseries' || reports[queryType].series) {
    return undefined;
  }
  const drawn = supportedQueryTypes.filter((type) => reports[type].series);
  return `queryType ${queryType} has no time series; format timeseries is valid for: ${drawn.join(', ')}`;
}

/** Withholds the figures of spans that are covered less than the query, or else the data source, asks for. */
function strict(gathered: Gathered, query: OscarQuery, settings: Settings, spans: readonly Span[]): Gathered {
  const minimum = query.minimumCoveragePercent ?? settings.minimumCoveragePercent;
  const states = [...gathered.states].map(
    ([source, state]) => [source, withMinimumCoverage(state, spans, minimum)] as const
  );
  return { ...gathered, states: new Map(states) };
}

function* resultOf(
  report: Report,
  job: Job,
  gathered: Gathered,
  unit: PeriodUnit | undefined,
  settings: Settings,
  { sentQueries }: Upstreams,
  { sources, shown, needs }: Selection
): Work<JobResult> {
  const { query, range, zone, now } = job;
  const states = statesOf(gathered, sources);
  const asked = states.filter(({ unconfigured }) => !unconfigured);
  const allFailed = asked.length > 0 && asked.every(({ source }) => gathered.failed.includes(source));
  if (allFailed && !report.answersAlways) {
    return failure(query, asked.map(({ source, notes }) => `${source}: ${notes.join('; ')}`).join(' · '));
  }
  const context = contextOf(query, settings, yield* shownUsersOf(gathered, settings));
  const { smallestGroup } = settings;
  const { loading } = gathered;
  const metaOf = (merged: number) => ({
    name: query.queryType,
    refId: query.refId,
    executedQueryString: sentQueries.describe(purposesOf(needs), range, now),
    notices: [
      ...zoneNotices(job),
      ...noticesOf(states, [
        ...mergedRemarks(report, query, merged, smallestGroup),
        ...smallGroupRemarks(query, smallestGroup),
      ]),
    ],
    completeness: states.map((state) => completenessEntry(state)),
  });
  if (query.format === 'timeseries' && unit) {
    const { blocks, merged } = yield* runSeries(report, context, gathered, range, unit, zone);
    const meta = metaOf(merged);
    return { frames: [yield* seriesFrame(blocks, meta), ...gapFrames(meta.completeness, query.refId)], loading };
  }
  const { blocks, merged } = yield* runReport(report, context, gathered, range, unit, zone);
  return { frames: [yield* tableFrame(shown, blocks, metaOf(merged))], loading };
}

/**
 * The frame of a query whose variables name no service: the fields of one about a service with which nothing happened, no
 * rows, and nothing to ask for.
 */
function nothing(report: Report, job: Job, settings: Settings): JobResult {
  const { query, range, zone } = job;
  const unit = periodUnit(query, range, zone);
  const [period] = unit ? periodsOf(range, unit, zone) : [];
  const meta: TableMeta = {
    name: query.queryType,
    refId: query.refId,
    executedQueryString: 'nothing was sent: no service is selected',
    notices: [...zoneNotices(job), { severity: 'info', text: 'no service is selected' }],
    completeness: [],
  };
  if (query.format !== 'timeseries' || !unit) {
    return { frames: [finished(tableFrame(selectionOf(report, query).shown, [{ period, rows: [] }], meta))] };
  }
  const gathered: Gathered = { states: new Map(), failed: [] };
  const { blocks } = finished(runSeries(report, contextOf(query, settings), gathered, period ?? range, unit, zone));
  const frame = finished(seriesFrame(blocks, meta));
  return { frames: [{ ...frame, fields: frame.fields.map((field) => ({ ...field, values: [] })), length: 0 }] };
}

function contextOf(query: OscarQuery, settings: Settings, shownUsers: ShownUsers = {}): ReportContext {
  const { rejectedRequests, smallestGroup } = settings;
  const services = query.services && new Set(query.services);
  const membershipOf = membershipOfTexts(membershipIn(settings), shownUsers);
  return { query, services, membershipOf, rejectedRequests, shownUsers, smallestGroup };
}

/** Says that rows or series were merged, and why, so that nobody takes those that are shown for all. */
function mergedRemarks({ limited }: Report, query: OscarQuery, merged: number, smallestGroup: number): string[] {
  const limit = limitOf(query);
  const isByUser = query.groupBy === 'user' || query.metric === 'requests-per-user';
  const reasons = [
    ...(limit === undefined ? [] : [`the query has a limit of ${inGroups(limit)}`]),
    ...(isByUser && smallestGroup > 1 ? ['users of small groups are not shown'] : []),
  ];
  return limited && merged > 0
    ? [`${othersKey} combines ${inGroups(merged)} of the ${limited.noun(query)}: ${reasons.join(', and ')}`]
    : [];
}

function zoneNotices({ unknownZone }: Job): NonNullable<TableMeta['notices']> {
  return unknownZone === undefined
    ? []
    : [
        {
          severity: 'warning',
          text: `the time zone "${unknownZone}" is unknown here; days and other periods are in UTC`,
        },
      ];
}

function failure({ refId }: Pick<OscarQuery, 'refId'>, message: string): JobResult {
  return { frames: [], error: { refId, message } };
}

/**
 * The period of `interval`; `auto`, and a time series without one, is a day, or an hour where the range is short.
 * Undefined for a table that asks for none.
 */
function periodUnit({ interval, format }: OscarQuery, range: Span, zone: string): PeriodUnit | undefined {
  if (interval === 'auto' || (format === 'timeseries' && !interval)) {
    return isWithinDays(range, hourlyUpToDays, zone) ? 'hour' : 'day';
  }
  return interval || undefined;
}

/** The sources that are asked. */
function purposesOf({ requests, exposed, cpu, gpu, inventory }: Needs): SourceName[] {
  return [
    ...(requests ? (['request-logs'] as const) : []),
    ...(exposed ? (['exposed-request-logs'] as const) : []),
    ...(cpu ? (['usage-cpu'] as const) : []),
    ...(gpu ? (['usage-gpu'] as const) : []),
    ...(inventory ? (['service-inventory'] as const) : []),
  ];
}
