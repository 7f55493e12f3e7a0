import {
  catchError,
  concatMap,
  defer,
  forkJoin,
  from,
  map,
  mergeMap,
  type Observable,
  of,
  switchMap,
  toArray,
} from 'rxjs';

import { serviceOfLabel } from '../domain/podName';
import { unattributedService } from '../domain/serviceName';
import { clip, type Span } from '../domain/span';
import { completedPods, cpuByService, cpuPresence, type CpuWindow, partLabel } from '../expr/promqlUsage';
import { type Granularity } from '../ledger/grid';
import { toUpstreamError } from '../upstream/errors';
import { type PrometheusClient, type PromResult } from '../upstream/prometheus';
import { readCollapsed } from './collapsed';
import { type Completions, completionsAt, noCompletions, unseenHours } from './completions';
import { cpuDoubts, cpuNotes } from './cpuNotes';
import { addHours, type CpuWindowView, emptyWindow, serviceOfSeries, valueAt } from './cpuWindow';
import { evaluate, evaluateInPieces } from './evaluate';
import { secondsPerHour } from './hours';
import { correctOddities } from './oddities';
import { containers, longestLookbackMs, lookbackAt, readScrapes, type Scrapes } from './scrapes';
import { type UsageView } from './usageView';
import { dayOf, runsOf, windowRuns, type WindowRun, windowsOf } from './windows';
import { type KeptWindow, type WindowShelf } from './windowShelf';

export interface CpuRequest {
  servicesNamespace: string;
  span: Span;
  zone: string;
  granularity: Granularity;
  /** ms since the epoch. */
  now: number;
}

/**
 * Windows in one query. To find the series of a block takes the engine most of its time, and it does so once a query; but
 * a join costs windows times pods, and a sub-query has windows of its own, so that long ones of many pods are slow.
 */
const windowsInQuery = 8;
const windowsInSubquery = 5;

/** Pods, over all windows, that one query may join, and those whose end one query may look into. */
const podsInQuery = 16_000;
const endsInSubquery = 5_000;

const concurrency = 2;

/** One attempt at reading, with what is known of the whole. */
interface Reading {
  client: PrometheusClient;
  request: CpuRequest;
  scrapes: Scrapes;
}

/** What was read of some windows. */
interface Part {
  windows: CpuWindowView[];
  failed: Span[];
  notes: string[];
  warnings: string[];
}

interface Read {
  gaps: Span[];
  part: Part;
}

const emptyPart: Part = { windows: [], failed: [], notes: [], warnings: [] };

/**
 * Reads CPU hours by window and service from cAdvisor's counters (specs/001-metrics-datasource/cpu-gpu-hours.md): the
 * same whatever the ranges are cut into. Settled windows are kept on the shelf. Never errors.
 */
export function readCpu(
  client: PrometheusClient,
  request: CpuRequest,
  shelf: WindowShelf<CpuWindowView>
): Observable<UsageView> {
  const windows = windowRuns(request.span, request.zone, request.granularity).flatMap(windowsOf);
  const { kept, wanted } = shelf.split(windows);
  const read: Observable<Read> =
    wanted.length === 0 ? of({ gaps: [], part: emptyPart }) : readMissing(client, request, wanted);
  return read.pipe(
    map(({ gaps, part }) => {
      const fresh = part.windows.map((view) => {
        const missing = clip(gaps, view);
        // What an engine calls partial may be whole the next time.
        return part.warnings.length === 0 ? shelf.keep(view, missing) : { view, missing };
      });
      return viewOf([...kept, ...fresh], part);
    })
  );
}

function viewOf(kept: ReadonlyArray<Pick<KeptWindow<CpuWindowView>, 'view' | 'missing'>>, part: Part): UsageView {
  const windows = kept.map(({ view }) => view).sort((a, b) => a.start - b.start);
  const missing = kept.flatMap((one) => one.missing);
  return {
    windows,
    missing: [...missing, ...part.failed],
    notes: [...part.notes, ...cpuNotes(windows, missing)],
    warnings: part.warnings,
    doubts: cpuDoubts(windows),
  };
}

function readMissing(client: PrometheusClient, request: CpuRequest, wanted: readonly Span[]): Observable<Read> {
  return defer(() => {
    const warnings = new Set<string>();
    const watched = client.reporting((warning) => warnings.add(warning));
    return readWatched(watched, request, wanted).pipe(
      map(({ gaps, part }) => ({
        gaps,
        part: { ...part, warnings: [...new Set([...part.warnings, ...warnings])] },
      }))
    );
  });
}

function readWatched(client: PrometheusClient, request: CpuRequest, wanted: readonly Span[]): Observable<Read> {
  const first = wanted[0]?.start ?? request.span.start;
  const last = wanted[wanted.length - 1]?.end ?? request.span.end;
  return readScrapes(client, { start: first - longestLookbackMs, end: last }, containers).pipe(
    switchMap((scrapes) =>
      // One look far back would make the whole run slow.
      from(runsOf(wanted, windowsInQuery, ({ start }) => lookbackAt(start, scrapes.gaps).lookbackMs)).pipe(
        mergeMap((run) => readRun({ client, request, scrapes }, run), concurrency),
        toArray(),
        map((parts) => ({ gaps: scrapes.gaps, part: merge(parts) }))
      )
    ),
    catchError((error: unknown) =>
      of({ gaps: [], part: { ...emptyPart, failed: [...wanted], notes: [toUpstreamError(error).message] } })
    )
  );
}

function merge(parts: readonly Part[]): Part {
  return {
    windows: parts.flatMap(({ windows }) => windows),
    failed: parts.flatMap(({ failed }) => failed),
    notes: [...new Set(parts.flatMap(({ notes }) => notes))],
    warnings: [...new Set(parts.flatMap(({ warnings }) => warnings))],
  };
}

function readRun(reading: Reading, run: WindowRun): Observable<Part> {
  const windows = windowsOf(run);
  const { intervalMs, gaps } = reading.scrapes;
  if (intervalMs === undefined) {
    // Nothing was scraped anywhere near: the gaps say so.
    return of({ ...emptyPart, windows: windows.map(emptyWindow) });
  }
  const lookbacks = windows.map(({ start }) => lookbackAt(start, gaps));
  const shape: CpuWindow = {
    servicesNamespace: reading.request.servicesNamespace,
    windowMs: run.lengthMs,
    lookbackMs: Math.max(...lookbacks.map(({ lookbackMs }) => lookbackMs)),
    scrapeMs: intervalMs,
    hasLifetimes: false,
  };
  const believeFirst = lookbacks.every(({ found }) => found);
  return readShaped(reading, run, shape, believeFirst).pipe(
    catchError((error: unknown) => of({ ...emptyPart, failed: windows, notes: [toUpstreamError(error).message] }))
  );
}

function readShaped({ client, request }: Reading, run: WindowRun, shape: CpuWindow, believeFirst: boolean) {
  return evaluate(client, cpuPresence(shape), run).pipe(
    concatMap((presence) => {
      const has = (part: string) => presence.series.some(({ labels }) => labels[partLabel] === part);
      const joined = windowsFor(podsInQuery, mostOf(presence, ['known', 'named']), windowsInQuery);
      const ended = windowsFor(endsInSubquery, mostOf(presence, ['completed']), windowsInSubquery);
      const window = { ...shape, hasLifetimes: has('completed') };
      const attribution = { known: has('known'), named: has('named') };
      const hasPods = attribution.known || attribution.named;
      const nothing = of<PromResult>({ series: [], warnings: [] });
      return forkJoin({
        base: hasPods ? evaluateInPieces(client, cpuByService(window, attribution), run, joined) : nothing,
        completed: window.hasLifetimes ? evaluateInPieces(client, completedPods(window), run, ended) : nothing,
        collapsed: has('collapsed') ? readCollapsed(client, request.servicesNamespace, run) : of([]),
      }).pipe(
        concatMap(({ base, completed, collapsed }) => {
          const windows = windowsOf(run).map((span) => windowFrom(span, base));
          windows.forEach((one, index) => addCollapsed(one, collapsed[index]));
          const warnings = [...presence.warnings, ...base.warnings, ...completed.warnings];
          // Where both kinds of counters occur, the labels were changed: a new counter may be an old one.
          const isNew = believeFirst && !(hasPods && has('collapsed'));
          return forkJoin([
            hasPods ? correctOddities(client, window, windows, run, isNew) : of(undefined),
            window.hasLifetimes ? addCompletions(client, request, window, windows, completed) : of(undefined),
          ]).pipe(map((): Part => ({ ...emptyPart, windows, warnings })));
        })
      );
    })
  );
}

/** The most that parts of a presence tell of one window, together at most. */
function mostOf({ series }: PromResult, parts: readonly string[]): number {
  const most = (part: string) =>
    Math.max(
      0,
      ...series
        .filter(({ labels }) => labels[partLabel] === part)
        .flatMap(({ samples }) => samples.map(([, value]) => value))
    );
  return parts.reduce((sum, part) => sum + most(part), 0);
}

/** How many windows a query may have when it may see so many pods over all of them. */
function windowsFor(pods: number, podsInWindow: number, longest: number): number {
  return Math.max(1, Math.min(longest, Math.floor(pods / Math.max(1, podsInWindow))));
}

function windowFrom(span: Span, { series }: PromResult): CpuWindowView {
  const window = emptyWindow(span);
  for (const one of series) {
    const seconds = valueAt(one, span.end - 1);
    if (seconds !== undefined && Number.isFinite(seconds)) {
      const { service, scheme } = serviceOfSeries(one.labels);
      addHours(window, service, scheme, seconds / secondsPerHour);
    }
  }
  return window;
}

function addCollapsed(window: CpuWindowView, secondsByLabel: ReadonlyMap<string, number> | undefined): void {
  for (const [label, seconds] of secondsByLabel ?? []) {
    const service = serviceOfLabel(label) ?? unattributedService;
    addHours(window, service, service === unattributedService ? 'none' : 'service', seconds / secondsPerHour);
  }
}

/** Adds what completed pods used after their last sample, and an estimate for those without a sample. */
function addCompletions(
  client: PrometheusClient,
  request: CpuRequest,
  shape: CpuWindow,
  windows: readonly CpuWindowView[],
  { series }: PromResult
): Observable<void> {
  const work = windows.map((window) => {
    const own = completionsAt(series, window.end - 1);
    return dayCompletions(client, request, shape, window, own).pipe(map((day) => addOne(window, own, day)));
  });
  return forkJoin(work).pipe(map(() => undefined));
}

function addOne(window: CpuWindowView, own: Completions, day: Completions): void {
  for (const [service, seconds] of own.tail) {
    addHours(window, service, 'labels', seconds / secondsPerHour);
  }
  const { unseen } = window;
  for (const [service, hours] of unseenHours(own, day)) {
    const lifeHours = (own.unseen.get(service) ?? 0) / secondsPerHour;
    unseen.pods += own.pods.get(service) ?? 0;
    unseen.lifeHours += lifeHours;
    unseen.hours += hours ?? 0;
    unseen.unknownLifeHours += hours === undefined ? lifeHours : 0;
    addHours(window, service, 'labels', hours ?? 0);
  }
}

/**
 * The completions of the whole day that a window lies in, from which rates are taken: those of a part of the day would
 * give another estimate, and adjacent ranges would no longer add up.
 */
function dayCompletions(
  client: PrometheusClient,
  { zone, now }: CpuRequest,
  shape: CpuWindow,
  window: Span,
  own: Completions
): Observable<Completions> {
  const day = dayOf(window, zone);
  const end = Math.min(day.end, Math.max(now, window.end));
  if (own.unseen.size === 0) {
    return of(noCompletions());
  }
  if (day.start === window.start && end === window.end) {
    return of(own);
  }
  const query = completedPods({ ...shape, windowMs: end - day.start });
  return client.instant(query, end - 1).pipe(map(({ series }) => completionsAt(series, end - 1)));
}
