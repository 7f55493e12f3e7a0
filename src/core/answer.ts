import { type Observable, of, switchMap, tap } from 'rxjs';

import { type CompletenessEntry, completenessEntry, type Notice, noticesOf, remarksOf } from './completeness/notices';
import { withMinimumCoverage } from './completeness/strict';
import { membershipIn } from './domain/membership';
import { othersKey } from './domain/others';
import { isWithinDays, periodsOf, type PeriodUnit, timeZoneOf } from './domain/periods';
import { clip, lengthOf, type Span, totalLength } from './domain/span';
import { inGroups } from './domain/text';
import { isolated } from './isolated';
import { type UsageQuery } from './query';
import { limitOf } from './reports/queryLimit';
import { reports } from './reports/registry';
import { type Report, type ReportContext } from './reports/report';
import { runReport, runSeries, statesOf } from './reports/runReport';
import { type Selection, selectionOf } from './reports/selection';
import { type TimeSeries, timeSeriesOf } from './reports/series';
import { membershipOfTexts, type ShownUsers, shownUsersOf } from './reports/shownUsers';
import { smallGroupRemarks } from './reports/smallGroups';
import { type Table, tableOf } from './reports/table';
import { formatProblem, queryProblem, withoutEmpty } from './reports/validate';
import { finished, pageTurns, type Work } from './runtime/turns';
import { type Settings } from './settings';
import { gather } from './sources/gather';
import { type Gathered, type Needs } from './sources/source';
import { ofStore, type Upstreams } from './sources/upstreams';
import { type Described } from './upstream/sentQueries';

/** One query with its surroundings. */
export interface Question {
  query: UsageQuery;
  range: Span;
  /** IANA name, or `utc`. Where it is not known, UTC takes its place, and a notice says so. */
  zone: string;
  /** ms since the epoch; the same for queries that are asked together. */
  askedAt: number;
  /** Who asks: a panel, with what is its own of the query. Who asks the same again wants to know what is new. */
  asker: string;
}

/** What stands beside the figures. */
interface Circumstances {
  notices: Notice[];
  /** What is worth knowing and changes no figure, such as that rows were merged: for the inspector. */
  remarks: string[];
  /** The sources that the figures depend on, in the contract's order. */
  completeness: CompletenessEntry[];
  /** What was in memory, and what was sent upstream, for people. */
  executedQueries: string;
  /** True while a better answer is to come. */
  loading: boolean;
}

/** The answer to one query. */
export type Answer =
  /** Why there are no figures. */
  | { kind: 'failure'; message: string }
  | ({ kind: 'table'; table: Table } & Circumstances)
  | ({ kind: 'timeseries'; timeSeries: TimeSeries } & Circumstances);

/** A question that was understood. */
interface Job extends Question {
  /** IANA name. */
  zone: string;
  unit: PeriodUnit | undefined;
  settings: Settings;
  /** What no source says. */
  notices: Notice[];
}

/** What of a query its answer depends on. */
const shapesAnswer: Array<keyof UsageQuery> = [
  'queryType',
  'format',
  'interval',
  'services',
  'metric',
  'groupBy',
  'includeUsers',
  'columns',
  'limit',
  'minimumCoveragePercent',
];

/** Ranges up to this long are kept by the hour, so that a graph of hours needs no second reading of the logs. */
const hourlyUpToDays = 3;

/**
 * Answers one query. Emits once, and before that, where it takes long, what is known so far, marked `loading`. Never
 * errors: what went wrong is in the answer.
 */
export function answer(question: Question, settings: Settings, upstreams: Upstreams): Observable<Answer> {
  return isolated(() => answerTo(question, settings, upstreams), failure);
}

function answerTo(question: Question, settings: Settings, upstreams: Upstreams): Observable<Answer> {
  const query = withoutEmpty(question.query);
  const problem = queryProblem(query) ?? settings.problem ?? formatProblem(query);
  if (problem) {
    return of(failure(problem));
  }
  const report = reports[query.queryType];
  if (query.services?.length === 0 && query.queryType !== 'completeness') {
    return of(nothing(report, jobOf({ ...question, query }, settings)));
  }
  const readAgain = query.bypassCache === true || query.readAgain === true;
  const asker = `${question.asker} ${JSON.stringify(query, shapesAnswer)}`;
  const round = upstreams.rounds.join({ range: question.range, readAgain }, asker, question.askedAt);
  const job = jobOf({ ...question, query, askedAt: round.askedAt }, settings);
  const { range, zone, unit } = job;
  const selection = selectionOf(report, query);
  const spans = unit ? periodsOf(range, unit, zone) : [range];
  return gather(
    {
      needs: selection.needs,
      range,
      zone,
      granularity: unit === 'hour' || isWithinDays(range, hourlyUpToDays, zone) ? 'hour' : 'day',
      usageGranularity: unit === 'hour' ? 'hour' : 'day',
      spans,
      readAgain,
      settings,
      round,
      now: round.askedAt,
    },
    upstreams
  ).pipe(
    // What is newer takes the place of what is still being computed.
    switchMap((gathered) =>
      pageTurns.run(() => answerFrom(report, job, strict(gathered, query, settings, spans), selection, upstreams))
    ),
    tap((answered) => {
      if (answered.kind === 'failure' || !answered.loading) {
        round.hasAnswered(asker);
      }
    })
  );
}

function jobOf(question: Question, settings: Settings): Job {
  const knownZone = timeZoneOf(question.zone);
  const zone = knownZone ?? 'utc';
  return {
    ...question,
    zone,
    unit: periodUnit(question.query, question.range, zone),
    settings,
    notices: knownZone === undefined ? [zoneNotice(question.zone)] : [],
  };
}

/** Withholds the figures of spans that are covered less than the query, or else the data source, asks for. */
function strict(gathered: Gathered, query: UsageQuery, settings: Settings, spans: readonly Span[]): Gathered {
  const minimum = query.minimumCoveragePercent ?? settings.minimumCoveragePercent;
  const states = [...gathered.states].map(
    ([source, state]) => [source, withMinimumCoverage(state, spans, minimum)] as const
  );
  return { ...gathered, states: new Map(states) };
}

function* answerFrom(
  report: Report,
  job: Job,
  gathered: Gathered,
  { sources, shown, needs }: Selection,
  { sentQueries }: Upstreams
): Work<Answer> {
  const { query, range, zone, unit, askedAt, settings } = job;
  const states = statesOf(gathered, sources);
  const asked = states.filter(({ unconfigured }) => !unconfigured);
  const allFailed = asked.length > 0 && asked.every(({ source }) => gathered.failed.includes(source));
  if (allFailed && !report.answersAlways) {
    return failure(asked.map(({ source, notes }) => `${source}: ${notes.join('; ')}`).join(' · '));
  }
  const context = contextOf(query, settings, yield* shownUsersOf(gathered, settings));
  const { smallestGroup } = settings;
  const circumstancesOf = (merged: number): Circumstances => ({
    executedQueries: sentQueries.describe(describedOf(needs, gathered, range), range, askedAt),
    notices: [
      ...job.notices,
      ...noticesOf(states, [
        ...(report.showsRemarks ? remarksOf(states) : []),
        ...smallGroupRemarks(query, smallestGroup),
      ]),
    ],
    remarks: mergedRemarks(report, query, merged, smallestGroup),
    completeness: states.map((state) => completenessEntry(state)),
    loading: gathered.loading === true,
  });
  if (query.format === 'timeseries' && unit) {
    const { blocks, merged } = yield* runSeries(report, context, gathered, range, unit, zone);
    return { kind: 'timeseries', timeSeries: yield* timeSeriesOf(blocks), ...circumstancesOf(merged) };
  }
  const { blocks, merged } = yield* runReport(report, context, gathered, range, unit, zone);
  return { kind: 'table', table: yield* tableOf(shown, blocks), ...circumstancesOf(merged) };
}

/**
 * The answer to a query whose variables name no service: the columns of one about a service with which nothing happened, no
 * rows, and nothing to ask for.
 */
function nothing(report: Report, { query, range, zone, unit, settings, notices }: Job): Answer {
  const [period] = unit ? periodsOf(range, unit, zone) : [];
  const circumstances: Circumstances = {
    executedQueries: 'nothing was sent: no service is selected',
    notices: [...notices, { severity: 'info', text: 'no service is selected' }],
    remarks: [],
    completeness: [],
    loading: false,
  };
  if (query.format !== 'timeseries' || !unit) {
    const table = finished(tableOf(selectionOf(report, query).shown, [{ period, rows: [] }]));
    return { kind: 'table', table, ...circumstances };
  }
  const gathered: Gathered = { states: new Map(), failed: [] };
  const { blocks } = finished(runSeries(report, contextOf(query, settings), gathered, period ?? range, unit, zone));
  const { series } = finished(timeSeriesOf(blocks));
  const timeSeries = { starts: [], series: series.map((one) => ({ ...one, values: [] })) };
  return { kind: 'timeseries', timeSeries, ...circumstances };
}

function contextOf(query: UsageQuery, settings: Settings, shownUsers: ShownUsers = {}): ReportContext {
  const { rejectedRequests, smallestGroup } = settings;
  const services = query.services && new Set(query.services);
  const membershipOf = membershipOfTexts(membershipIn(settings), shownUsers);
  return { query, services, membershipOf, rejectedRequests, shownUsers, smallestGroup };
}

/** Says that rows or series were merged, and why, so that nobody takes those that are shown for all. */
function mergedRemarks({ limited }: Report, query: UsageQuery, merged: number, smallestGroup: number): string[] {
  const limit = limitOf(query);
  const isByUser = query.groupBy === 'user' || query.metric === 'requests-per-user';
  const reasons = [
    ...(limit === undefined ? [] : [`the limit is ${inGroups(limit)}`]),
    ...(isByUser && smallestGroup > 1 ? ['users of small groups are not shown'] : []),
  ];
  return limited && merged > 0
    ? [`${othersKey} combines ${inGroups(merged)} of the ${limited.noun(query)}, because ${reasons.join(' and ')}`]
    : [];
}

function zoneNotice(zone: string): Notice {
  return {
    severity: 'warning',
    text: `the time zone "${zone}" is unknown here; days and other periods are in UTC`,
  };
}

function failure(message: string): Answer {
  return { kind: 'failure', message };
}

/**
 * The period of `interval`; `auto`, and a time series without one, is a day, or an hour where the range is short.
 * Undefined for a table that asks for none.
 */
function periodUnit({ interval, format }: UsageQuery, range: Span, zone: string): PeriodUnit | undefined {
  if (interval === 'auto' || (format === 'timeseries' && !interval)) {
    return isWithinDays(range, hourlyUpToDays, zone) ? 'hour' : 'day';
  }
  return interval || undefined;
}

/** What is asked, and what of it was in memory. */
function describedOf(needs: Needs, { requests, exposed, cpu, gpu }: Gathered, range: Span): Described[] {
  const shareOf = (view: { remembered?: readonly Span[] } | undefined) =>
    totalLength(clip(view?.remembered ?? [], range)) / Math.max(1, lengthOf(range));
  return [
    ...(needs.requests ? [{ purpose: 'request-logs', remembered: shareOf(requests) }] : []),
    ...(needs.exposed ? [{ purpose: 'exposed-request-logs', remembered: shareOf(exposed) }] : []),
    ...(needs.cpu ? [{ purpose: 'usage-cpu', remembered: shareOf(cpu) }] : []),
    ...(needs.gpu ? [{ purpose: 'usage-gpu', remembered: shareOf(gpu) }] : []),
    ...(needs.cpu || needs.gpu ? [{ purpose: ofStore, remembered: 0 }] : []),
    ...(needs.inventory ? [{ purpose: 'service-inventory', remembered: 0 }] : []),
  ];
}
