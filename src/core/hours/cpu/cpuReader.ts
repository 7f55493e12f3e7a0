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

import { serviceOfLabel } from '../../domain/podName';
import { unattributedService } from '../../domain/serviceName';
import { clip, type Span } from '../../domain/span';
import { type Labelling } from '../../expr/promqlCounters';
import { type CpuWindow } from '../../expr/promqlCpu';
import { type Granularity } from '../../requests/grid';
import { toUpstreamError } from '../../upstream/errors';
import { type PrometheusClient } from '../../upstream/prometheus';
import { type KeptWindow, type SettledWindows } from '../cache/settledWindows';
import {
  containers,
  type ScrapeSlotCache,
  longestLookbackMs,
  lookbackAt,
  readScrapes,
  type Scrapes,
} from '../scrapes/scrapes';
import { secondsPerHour } from '../sums';
import { type UsageView } from '../view';
import { around, longestRun, runsOf, stretchesOf, type WindowRun, windowsIn, windowsLike, windowsOf } from '../windows';
import { type DayCompletions } from './askDays';
import { readLabelling } from './askLabelling';
import { addUnscrapedNodes } from './askNodes';
import { readPodless } from './askPodless';
import { type CpuRun, readCpuRun } from './askPods';
import { type Completions, noCompletions, unsampledHours } from './completedPods';
import { cpuDoubts, cpuNotes } from './notes';
import { addHours, type CpuWindowView, emptyWindow } from './window';

export interface CpuRequest {
  servicesNamespace: string;
  /** In whole minutes. */
  span: Span;
  zone: string;
  granularity: Granularity;
}

/** What is kept of earlier readings. */
export interface KeptCpu {
  windows: SettledWindows<CpuWindowView>;
  days: DayCompletions;
  slots: ScrapeSlotCache;
}

const concurrency = 2;

const hourMs = 3_600_000;

const longest = (lengthMs: number) => windowsLike(longestRun, lengthMs);

/** One attempt at reading, with what is known of the whole. */
interface Reading {
  client: PrometheusClient;
  request: CpuRequest;
  kept: KeptCpu;
  scrapes: Scrapes;
  labelling: Labelling;
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
 * same whatever the ranges are cut into. Settled windows are kept. Never errors.
 */
export function readCpu(client: PrometheusClient, request: CpuRequest, known: KeptCpu): Observable<UsageView> {
  const settled = known.windows;
  const { kept, wanted } = settled.split(
    settled.cut(windowsIn(request.span, request.zone, request.granularity), request)
  );
  const read: Observable<Read> =
    wanted.length === 0 ? of({ gaps: [], part: emptyPart }) : readMissing(client, request, known, wanted);
  return read.pipe(
    map(({ gaps, part }) => {
      const fresh = part.windows.map((view) => {
        const missing = clip(gaps, view);
        // What an engine calls partial may be whole the next time.
        return part.warnings.length === 0 ? settled.keep(view, missing) : { view, missing };
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

function readMissing(
  client: PrometheusClient,
  request: CpuRequest,
  kept: KeptCpu,
  wanted: readonly Span[]
): Observable<Read> {
  return defer(() => {
    const warnings = new Set<string>();
    const watched = client.reporting((warning) => warnings.add(warning));
    return from(stretchesOf(wanted)).pipe(
      mergeMap((stretch) => readStretch(watched, request, kept, stretch), concurrency),
      toArray(),
      map((stretches) => {
        const part = merge(stretches.map((one) => one.part));
        return {
          gaps: stretches.flatMap(({ gaps }) => gaps),
          part: { ...part, warnings: [...new Set([...part.warnings, ...warnings])] },
        };
      })
    );
  });
}

function readStretch(
  client: PrometheusClient,
  request: CpuRequest,
  kept: KeptCpu,
  windows: readonly Span[]
): Observable<Read> {
  const { start, end } = around(windows);
  const before = { start: start - longestLookbackMs, end };
  return forkJoin({
    scrapes: readScrapes(client, before, containers, kept.slots),
    labelling: readLabelling(client, request.servicesNamespace, before),
  }).pipe(
    switchMap(({ scrapes, labelling }) =>
      // One look far back would make the whole run slow.
      from(
        runsOf(windows, longest, (window) => Math.ceil(lookbackAt(window.start, scrapes.gaps).lookbackMs / hourMs))
      ).pipe(
        mergeMap((run) => readRun({ client, request, kept, scrapes, labelling }, run), concurrency),
        toArray(),
        map((parts) => ({ gaps: clip(scrapes.gaps, { start, end }), part: merge(parts) })),
        concatMap((read) => {
          const counted = { servicesNamespace: request.servicesNamespace, labelling };
          return addUnscrapedNodes(client, counted, read.part.windows).pipe(map(() => read));
        })
      )
    ),
    catchError((error: unknown) =>
      of({ gaps: [], part: { ...emptyPart, failed: [...windows], notes: [toUpstreamError(error).message] } })
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
    labelling: reading.labelling,
    windowMs: run.lengthMs,
    lookbackMs: Math.max(...lookbacks.map(({ lookbackMs }) => lookbackMs)),
    scrapeMs: intervalMs,
  };
  const believeFirst = lookbacks.every(({ found }) => found);
  return readShaped(reading, run, shape, believeFirst).pipe(
    catchError((error: unknown) => of({ ...emptyPart, failed: windows, notes: [toUpstreamError(error).message] }))
  );
}

function readShaped(reading: Reading, run: WindowRun, shape: CpuWindow, believeFirst: boolean): Observable<Part> {
  const { client, request } = reading;
  return readCpuRun(client, shape, run, believeFirst).pipe(
    concatMap(({ windows: read, hasPodless, warnings }) => {
      const windows = read.map(({ view }) => view);
      return forkJoin([
        hasPodless ? addPodless(client, request.servicesNamespace, windows, run) : of(undefined),
        addCompletions(reading, shape, { windows: read, believeFirst }),
      ]).pipe(map((): Part => ({ ...emptyPart, windows, warnings })));
    })
  );
}

function addPodless(
  client: PrometheusClient,
  servicesNamespace: string,
  windows: readonly CpuWindowView[],
  run: WindowRun
): Observable<void> {
  return readPodless(client, servicesNamespace, run).pipe(
    map((podless) =>
      windows.forEach((window, index) => {
        for (const [label, seconds] of podless[index] ?? []) {
          const service = serviceOfLabel(label) ?? unattributedService;
          const scheme = service === unattributedService ? 'none' : 'service';
          addHours(window, { service, scheme }, seconds / secondsPerHour);
          window.podlessHours += scheme === 'none' ? seconds / secondsPerHour : 0;
        }
      })
    )
  );
}

/** Adds what completed pods used after their last sample, and an estimate for those without a sample. */
function addCompletions(
  { client, kept }: Reading,
  shape: CpuWindow,
  { windows, believeFirst }: Pick<CpuRun, 'windows'> & { believeFirst: boolean }
): Observable<void> {
  const read = ({ start, end }: Span) =>
    defer(() => {
      const warnings: string[] = [];
      const watched = client.reporting((warning) => warnings.push(warning));
      const lengthMs = end - start;
      const run = { first: { start, end }, lengthMs, count: 1 };
      return readCpuRun(watched, { ...shape, windowMs: lengthMs }, run, believeFirst).pipe(
        map(({ windows: [day] }) => ({ completions: day?.completions ?? noCompletions(), warnings }))
      );
    });
  const work = windows.map(({ view, completions }) =>
    kept.days.of(view, completions, read).pipe(map((day) => addOne(view, completions, day)))
  );
  return forkJoin(work).pipe(map(() => undefined));
}

function addOne(window: CpuWindowView, own: Completions, day: Completions): void {
  for (const [service, seconds] of own.afterLastSample) {
    addHours(window, { service, scheme: 'labels' }, seconds / secondsPerHour);
  }
  const { unsampled } = window;
  for (const [service, hours] of unsampledHours(own, day)) {
    const lifeHours = (own.unsampledLife.get(service) ?? 0) / secondsPerHour;
    unsampled.pods += own.unsampledPods.get(service) ?? 0;
    unsampled.lifeHours += lifeHours;
    unsampled.hours += hours ?? 0;
    unsampled.unestimatedLifeHours += hours === undefined ? lifeHours : 0;
    addHours(window, { service, scheme: 'labels' }, hours ?? 0);
  }
}
