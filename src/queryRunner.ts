import { type DataFrame, type DataQueryError } from '@grafana/data';
import { type Observable, of, switchMap } from 'rxjs';

import { completenessEntry, noticesOf } from './completeness/notices';
import { withMinimumCoverage } from './completeness/strict';
import { membershipClassifier } from './domain/membership';
import { periodsOf, type PeriodUnit } from './domain/periods';
import { type Span } from './domain/span';
import { countExpr, exposedFamily, requestFamily } from './expr/logql';
import { gapFrames } from './frames/gapFrame';
import { seriesFrame } from './frames/seriesFrame';
import { tableFrame } from './frames/tableFrame';
import { type Granularity } from './ledger/grid';
import { reports, supportedQueryTypes } from './reports/registry';
import { type Report } from './reports/report';
import { runReport, runSeries, statesOf } from './reports/runReport';
import { type Selection, selectionOf } from './reports/selection';
import { queryProblem, settingsProblem } from './reports/validate';
import { type Settings } from './settings';
import { gather } from './sources/gather';
import { type Gathered, type Needs, type Upstreams } from './sources/source';
import { pageTurns, type Work } from './turns';
import { type OscarQuery } from './types';

/** A query with everything that Grafana knows about its surroundings, template variables filled in. */
export interface Job {
  query: OscarQuery;
  range: Span;
  /** IANA name. */
  zone: string;
  /** ms since the epoch. */
  now: number;
}

export interface JobResult {
  frames: DataFrame[];
  /** True while better frames are to come. */
  loading?: boolean;
  error?: DataQueryError;
}

const hourMs = 3_600_000;

/** Ranges up to this long are kept by the hour, so that a graph of hours needs no second reading of the logs. */
const hourlyUpToMs = 72 * hourMs;

/**
 * Answers one query. Emits once, and before that, where it takes long, what is known so far, marked `loading`. Never
 * errors: what went wrong is in the result.
 */
export function runQuery(job: Job, settings: Settings, upstreams: Upstreams): Observable<JobResult> {
  const { query, range, zone, now } = job;
  const problem = queryProblem(query) ?? settingsProblem(settings);
  if (problem) {
    return of(failure(query, problem));
  }
  const report = reports[query.queryType];
  if (query.format === 'timeseries' && !report.series) {
    const drawn = supportedQueryTypes.filter((type) => reports[type].series);
    const message = `queryType ${query.queryType} has no time series; format timeseries is valid for: ${drawn.join(', ')}`;
    return of(failure(query, message));
  }
  const unit = periodUnit(query, range);
  const granularity: Granularity = unit === 'hour' || range.end - range.start <= hourlyUpToMs ? 'hour' : 'day';
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
      readAgain: query.readAgain === true,
      settings,
      now,
    },
    upstreams
  ).pipe(
    // What is newer takes the place of what is still being computed.
    switchMap((gathered) =>
      pageTurns.run(() => resultOf(report, job, strict(gathered, query, settings, spans), unit, settings, selection))
    )
  );
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
  { query, range, zone }: Job,
  gathered: Gathered,
  unit: PeriodUnit | undefined,
  settings: Settings,
  { sources, shown, needs }: Selection
): Work<JobResult> {
  const states = statesOf(gathered, sources);
  const allFailed = states.length > 0 && states.every(({ source }) => gathered.failed.includes(source));
  if (allFailed && !report.answersAlways) {
    return failure(query, states.map(({ source, notes }) => `${source}: ${notes.join('; ')}`).join(' · '));
  }
  const services = query.services && query.services.length > 0 ? new Set(query.services) : undefined;
  const membershipOf = membershipClassifier(settings.roster, settings.membershipRules);
  const { rejectedRequests } = settings;
  const context = { query, services, membershipOf, rejectedRequests };
  const { loading } = gathered;
  const meta = {
    name: query.queryType,
    refId: query.refId,
    executedQueryString: executedQueries(settings, needs, range),
    notices: noticesOf(states),
    completeness: states.map((state) => completenessEntry(state)),
  };
  if (query.format === 'timeseries' && unit) {
    const series = seriesFrame(yield* runSeries(report, context, gathered, range, unit, zone), meta);
    return { frames: [series, ...gapFrames(meta.completeness, query.refId)], loading };
  }
  const blocks = yield* runReport(report, context, gathered, range, unit, zone);
  return { frames: [tableFrame(shown, blocks, meta)], loading };
}

function failure({ refId }: OscarQuery, message: string): JobResult {
  return { frames: [], error: { refId, message } };
}

/**
 * The period of `interval`; `auto`, and a time series without one, is a day, or an hour where the range is short.
 * Undefined for a table that asks for none.
 */
function periodUnit({ interval, format }: OscarQuery, range: Span): PeriodUnit | undefined {
  if (interval === 'auto' || (format === 'timeseries' && !interval)) {
    return range.end - range.start <= hourlyUpToMs ? 'hour' : 'day';
  }
  return interval || undefined;
}

/** What was asked upstream, for the query inspector. */
function executedQueries(settings: Settings, needs: Needs, { start, end }: Span): string {
  const { requestSelector, exposedSelector, cpuQuery, gpuQuery, inventoryQuery } = settings;
  const time = `from ${new Date(start).toISOString()} to ${new Date(end - 1).toISOString()}`;
  return [
    ...(needs.requests
      ? [`Loki, in adjacent windows ${time}:\n${countExpr(requestFamily(requestSelector), hourMs, 1)}`]
      : []),
    ...(needs.exposed && exposedSelector
      ? [`Loki, in adjacent windows ${time}:\n${countExpr(exposedFamily(exposedSelector), hourMs, 1)}`]
      : []),
    ...(needs.cpu ? [`Prometheus, per day ${time}:\n${cpuQuery}`] : []),
    ...(needs.gpu ? [`Prometheus, per day ${time}:\n${gpuQuery}`] : []),
    ...(needs.inventory ? [`Prometheus, now:\n${inventoryQuery}`] : []),
  ].join('\n\n');
}
