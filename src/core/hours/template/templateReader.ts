import { catchError, concatMap, map, type Observable, of, switchMap } from 'rxjs';

import { serviceOfPodLabels } from '../../domain/podLabels';
import { serviceOfLabel, serviceOfPod } from '../../domain/podName';
import { isServiceName, unattributedService } from '../../domain/serviceName';
import { clip, type Span, unionOf } from '../../domain/span';
import { ExactSums } from '../../domain/sums';
import { usualLookBackMs } from '../../expr/promql';
import { type PodQuery } from '../../expr/promqlGpu';
import { type Granularity } from '../../requests/grid';
import { toUpstreamError } from '../../upstream/errors';
import { type PrometheusClient, type PromResult, type PromSeries } from '../../upstream/prometheus';
import { type KeptWindow, type SettledWindows } from '../cache/settledWindows';
import { evaluate, valueAt } from '../evaluate';
import { askInOrder } from '../inOrder';
import { type Scraped } from '../scrapes/scraped';
import { type ScrapeSlotCache } from '../scrapes/scrapeSlotCache';
import { gapsOfScraping, withGapNote } from '../scrapes/scrapingGaps';
import { isKnown, type UsageView, type UsageWindow } from '../view';
import { maxDaysInRun, runsOf, adjacent, type WindowRun, windowsIn, windowsLike, windowsOf } from '../windows';
import { counted } from '../wording';
import { type FoundPods, hoursQuery, readPods } from './foundPods';
import { joinedRun, readSampled, sampledBatches, type SampledHours } from './sampled';

export interface TemplateRequest {
  /** PromQL template that gives hours in `{{range}}`, with or without labels that name the service or pod. */
  template: PodQuery['template'];
  /** How the pods with hours are found; undefined where they can't be. */
  pods?: PodQuery['pods'];
  /** How the hours follow from samples; undefined where they don't. */
  sampled?: SampledHours;
  /** What the series of an answer mean for a window that is evaluated at a time (ms). Default: hours, by service or pod. */
  read?: (series: readonly PromSeries[], at: number) => Omit<UsageWindow, keyof Span>;
  /**
   * PromQL that has a series when the source was scraped in the time (ms) up to its evaluation, whatever the hours are;
   * undefined when nothing is known about it.
   */
  evidence: ((rangeMs: number) => string) | undefined;
  /** A cheaper question of the kind, which may have a series where nothing was scraped. Default: the evidence itself. */
  hint?: (rangeMs: number) => string;
  /** Kinds of series that show when the source was scraped; none when nothing is known about it. */
  scraped: readonly Scraped[];
  /** What is known of their scrapes. */
  slots: ScrapeSlotCache;
  /** True when hours of parts of a window are exactly those of the window. */
  addsUp?: boolean;
  /** Days that one query may evaluate at most; a sub-query is slow over many. Default: 8. */
  maxDaysInQuery?: number;
  servicesNamespace: string;
  /** In whole minutes. */
  span: Span;
  zone: string;
  granularity: Granularity;
}

/** Queries that wait for their turn at the gate at most, so that those of other panels are not behind all of them. */
const queriesAhead = 3;

/** Labels that OSCAR gives the service's very name. */
const exactLabels = ['label_oscar_service', 'oscar_service'] as const;

/**
 * Reads hours of use window by window, so that adjacent ranges add up and a summary equals the sum of its parts
 * (contract rule 11). A window is (start - 1 ms, end - 1 ms], as for requests. Settled windows are kept.
 * Never errors.
 */
export function readTemplate(
  client: PrometheusClient,
  request: TemplateRequest,
  settled: SettledWindows<UsageWindow>
): Observable<UsageView> {
  const windows = windowsIn(request.span, request.zone, request.granularity);
  const { kept, wanted } = settled.split(request.addsUp ? settled.cut(windows, request) : windows);
  return hasAny(client, request, wanted).pipe(
    switchMap((has) => (has ? readWanted(client, request, wanted) : of(wanted.map(unknownWindow)))),
    map((views) => {
      for (const { windows: fresh, missing, warnings } of views) {
        // What an engine calls partial may be whole the next time.
        for (const window of warnings.length === 0 ? fresh : []) {
          settled.keep(window, clip(missing, window));
        }
      }
      const merged = withGapNote(merge([...kept.map(viewOf), ...views]));
      return { ...merged, remembered: unionOf(kept.map(({ view: { start, end } }) => ({ start, end }))) };
    })
  );
}

function readWanted(
  client: PrometheusClient,
  request: TemplateRequest,
  wanted: readonly Span[]
): Observable<UsageView[]> {
  return askInOrder(adjacent(wanted), (windows) => readAdjacent(client, request, windows), queriesAhead).pipe(
    map((views) => views.flat())
  );
}

/** How long a sample counts has to be known before the hours are read. */
function readAdjacent(
  client: PrometheusClient,
  request: TemplateRequest,
  windows: readonly Span[]
): Observable<UsageView[]> {
  return gapsOfScraping(client, request.scraped, windows, request.slots).pipe(
    switchMap(({ gaps, lookBackMs, warnings }) =>
      askInOrder(
        alike(runsOf(windows, (ms) => windowsLike(request.maxDaysInQuery ?? maxDaysInRun, ms))),
        (runs) => readRuns(client, request, runs, lookBackMs),
        queriesAhead
      ).pipe(
        map((views) =>
          views.flat().map((view) => ({
            ...view,
            missing: [...view.missing, ...knownWindows(view).flatMap((window) => clip(gaps, window))],
            warnings: [...view.warnings, ...warnings],
          }))
        )
      )
    )
  );
}

/** Gathers adjacent runs of equally many windows, whose pods one query can find. */
function alike(runs: readonly WindowRun[]): WindowRun[][] {
  const groups: WindowRun[][] = [];
  for (const run of runs) {
    const group = groups[groups.length - 1] ?? [];
    const last = group[group.length - 1];
    const isAlike = last?.lengthMs === run.lengthMs && last.count === run.count && endOf(last) === run.first.start;
    if (isAlike && group.length < windowsLike(maxDaysInRun, run.lengthMs * run.count)) {
      group.push(run);
    } else {
      groups.push([run]);
    }
  }
  return groups;
}

function endOf({ first, lengthMs, count }: WindowRun): number {
  return first.start + count * lengthMs;
}

function viewOf({ view, missing }: KeptWindow<UsageWindow>): UsageView {
  return { windows: [view], missing, notes: [], warnings: [] };
}

/** Whether the source has anything in windows at all: one small question instead of many about each of them. */
function hasAny(
  client: PrometheusClient,
  { evidence, hint = evidence }: TemplateRequest,
  windows: readonly Span[]
): Observable<boolean> {
  const [first, last] = [windows[0], windows[windows.length - 1]];
  if (hint === undefined || !first || !last || first === last) {
    return of(true);
  }
  return client.instant(hint(last.end - first.start), last.end - 1).pipe(
    map(({ series, warnings }) => series.length > 0 || warnings.length > 0),
    // An engine that can't answer this may answer about windows; if not, its error says why.
    catchError(() => of(true))
  );
}

function knownWindows({ windows, missing }: UsageView): UsageWindow[] {
  return windows.filter((window) => isKnown(window, missing));
}

function unknownWindow(window: Span): UsageView {
  return { windows: [{ ...window, hours: new Map() }], missing: [window], notes: [], warnings: [] };
}

function merge(views: readonly UsageView[]): UsageView {
  return {
    windows: views.flatMap(({ windows }) => windows).sort((a, b) => a.start - b.start),
    missing: views.flatMap(({ missing }) => missing),
    notes: [...new Set(views.flatMap(({ notes }) => notes))],
    warnings: [...new Set(views.flatMap(({ warnings }) => warnings))],
  };
}

function readRuns(
  client: PrometheusClient,
  request: TemplateRequest,
  runs: readonly WindowRun[],
  lookBackMs: number | undefined
): Observable<UsageView[]> {
  const { servicesNamespace } = request;
  return readPods(client, request.pods, runs, { servicesNamespace, lookBackMs }).pipe(
    switchMap((all) => {
      const found = runs.map((run, index) => ({ run, found: all[index], lookBackMs }));
      const byEngine = (some: readonly RunToRead[]) =>
        askInOrder(some, (one) => readRun(client, request, one), queriesAhead);
      const { sampled } = request;
      if (!sampled) {
        return byEngine(found);
      }
      return askInOrder(
        sampledBatches(found, sampled.query),
        (batch) =>
          batch.isSampled
            ? readSampled(client, sampled, batch.runs, { servicesNamespace, lookBackMs }).pipe(
                switchMap((result) =>
                  result
                    ? viewOfResult(client, request, joinedRun(batch.runs), result, lookBackMs).pipe(
                        map((view) => [view])
                      )
                    : byEngine(batch.runs)
                )
              )
            : byEngine(batch.runs),
        queriesAhead
      ).pipe(map((views) => views.flat()));
    }),
    // An error is one of the hours: an engine that is down is not asked a second time.
    catchError((error: unknown) => of([failed(runs.flatMap(windowsOf), error)]))
  );
}

function failed(windows: readonly Span[], error: unknown): UsageView {
  return { windows: [], missing: [...windows], notes: [toUpstreamError(error).message], warnings: [] };
}

interface RunToRead {
  run: WindowRun;
  /** The pods that have hours; undefined when they are not known. */
  found: FoundPods | undefined;
  lookBackMs: number | undefined;
}

const nothing: PromResult = { series: [], warnings: [] };

function readRun(
  client: PrometheusClient,
  request: TemplateRequest,
  { run, found, lookBackMs }: RunToRead
): Observable<UsageView> {
  const { template, servicesNamespace } = request;
  const query = () => hoursQuery(template, found, run, { servicesNamespace, lookBackMs });
  return (found?.pods.length === 0 ? of(nothing) : evaluate(client, query(), run)).pipe(
    concatMap((result) => viewOfResult(client, request, run, result, lookBackMs)),
    catchError((error: unknown) => of(failed(windowsOf(run), error)))
  );
}

/** The windows of a run by the answer about it. Errors like the client. */
function viewOfResult(
  client: PrometheusClient,
  request: TemplateRequest,
  run: WindowRun,
  result: PromResult,
  lookBackMs: number | undefined
): Observable<UsageView> {
  const { read = hoursAt } = request;
  const filled = windowsOf(run).map((window) => ({ ...window, ...read(result.series, window.end - 1) }));
  const empty = filled.filter(({ hours }) => hours.size === 0);
  const evidence = empty.length > 0 ? windowsWithData(client, request, run, lookBackMs) : of([]);
  return evidence.pipe(
    map((scraped) => {
      const missing = empty.flatMap(({ start, end }) => (scraped.includes(end) ? [] : [{ start, end }]));
      return {
        windows: filled,
        missing,
        notes: [],
        warnings: [...result.warnings, ...invalidValues(result.series)],
      };
    })
  );
}

/**
 * Ends of the windows in which the source was scraped, or shortly before which, because a window may be shorter than the
 * time between two scrapes. A window without a result is measured as zero there; elsewhere nothing is known about it.
 */
function windowsWithData(
  client: PrometheusClient,
  request: TemplateRequest,
  run: WindowRun,
  lookBackMs = usualLookBackMs
): Observable<number[]> {
  if (request.evidence === undefined) {
    return of([]);
  }
  const range = Math.max(run.lengthMs, lookBackMs);
  return evaluate(client, request.evidence(range), run).pipe(
    map(({ series }) => series.flatMap(({ samples }) => samples.map(([time]) => time + 1)))
  );
}

/** Values that can't be hours are left out of the sums, which are then incomplete. */
function invalidValues(series: readonly PromSeries[]): string[] {
  const invalid = series.filter(({ samples }) =>
    samples.some(([, value]) => !Number.isFinite(value) || value < 0)
  ).length;
  return invalid > 0 ? [`${counted(invalid, 'series has', 'series have')} negative or non-finite hours`] : [];
}

function hoursAt(series: readonly PromSeries[], at: number): Pick<UsageWindow, 'hours'> {
  const hours = new ExactSums<string>();
  for (const one of series) {
    const value = valueAt(one, at);
    if (value !== undefined && Number.isFinite(value) && value >= 0) {
      hours.add(serviceOfLabels(one.labels), value);
    }
  }
  return { hours: hours.toMap() };
}

/** The service that a series belongs to: a label that names it, else what OSCAR's `service` label or the pod's name says. */
export function serviceOfLabels(labels: Readonly<Record<string, string>>): string {
  const known = serviceOfPodLabels(labels);
  if (known !== undefined) {
    return known;
  }
  const exact = exactLabels.map((label) => labels[label]).find((value) => value);
  if (exact !== undefined) {
    return isServiceName(exact) ? exact : unattributedService;
  }
  const { service = '', pod = '' } = labels;
  return serviceOfPodLabels(labels) ?? serviceOfLabel(service) ?? serviceOfPod(pod) ?? unattributedService;
}
