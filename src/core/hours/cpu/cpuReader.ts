import { catchError, concatMap, defer, forkJoin, map, type Observable, of, switchMap } from 'rxjs';

import { hourMs } from '../../domain/duration';
import { clip, type Span, unionOf } from '../../domain/span';
import { type Labelling } from '../../expr/promqlCounters';
import { type CpuWindow } from '../../expr/promqlCpu';
import { type Granularity } from '../../requests/grid';
import { toUpstreamError } from '../../upstream/errors';
import { type PrometheusClient } from '../../upstream/prometheus';
import { type KeptWindow, type SettledWindows } from '../cache/settledWindows';
import { askInOrder } from '../inOrder';
import { lookbackAt, maxLookbackMs, oldUntilAt } from '../scrapes/lookback';
import { containers } from '../scrapes/scraped';
import { readScrapes } from '../scrapes/scrapes';
import { type ScrapeSlotCache } from '../scrapes/scrapeSlotCache';
import { type Scrapes } from '../scrapes/slots';
import { type UsageView } from '../view';
import { adjacent, around, maxDaysInRun, runsOf, type WindowRun, windowsIn, windowsLike, windowsOf } from '../windows';
import { askCpu } from './ask';
import { type DayCompletions } from './askDays';
import { askLabelling } from './askLabelling';
import { askNodes, type SampledPods, sampledPods } from './askNodes';
import { computeWindows } from './compute';
import { withUnscrapedNodes } from './computeNodes';
import { cpuDoubts, cpuNotes, cpuWarnings } from './notes';
import { type CpuWindowView, emptyWindow } from './window';

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

/** Queries that wait for their turn at the gate at most, so that those of other panels are not behind all of them. */
const queriesAhead = 2;

const maxInRun = (lengthMs: number) => windowsLike(maxDaysInRun, lengthMs);

/** What is known of windows before they are read. */
interface Context {
  request: CpuRequest;
  kept: KeptCpu;
  scrapes: Scrapes;
  labelling: Labelling;
}

/** What was read of some windows. */
interface Part {
  windows: CpuWindowView[];
  sampled: SampledPods[];
  failed: Span[];
  notes: string[];
  warnings: string[];
}

interface Read {
  gaps: Span[];
  part: Part;
}

const emptyPart: Part = { windows: [], sampled: [], failed: [], notes: [], warnings: [] };

/**
 * Reads CPU hours by window and service from cAdvisor's counters (specs/001-metrics-datasource/cpu-gpu-hours.md): the
 * same whatever the ranges are cut into. Settled windows are kept. Never errors.
 *
 * The way of a range: what is kept is taken out (`SettledWindows`); when containers were scraped says how far before a window
 * to look (`scrapes/`); `ask.ts` asks for facts of up to eight days at a time; `compute.ts` makes windows of them; `notes.ts`
 * says what is to be known about these.
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
      return {
        ...viewOf([...kept, ...fresh], part),
        remembered: unionOf(kept.map(({ view: { start, end } }) => ({ start, end }))),
      };
    })
  );
}

function viewOf(kept: ReadonlyArray<Pick<KeptWindow<CpuWindowView>, 'view' | 'missing'>>, part: Part): UsageView {
  const windows = kept.map(({ view }) => view).sort((a, b) => a.start - b.start);
  const missing = kept.flatMap((one) => one.missing);
  return {
    windows,
    missing: [...missing, ...part.failed],
    unscraped: part.failed.length === 0,
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
    return askInOrder(adjacent(wanted), (windows) => readAdjacent(watched, request, kept, windows), queriesAhead).pipe(
      map((reads) => {
        const part = merge(reads.map((one) => one.part));
        return {
          gaps: reads.flatMap(({ gaps }) => gaps),
          part: { ...part, warnings: [...new Set([...part.warnings, ...warnings])] },
        };
      })
    );
  });
}

function readAdjacent(
  client: PrometheusClient,
  request: CpuRequest,
  kept: KeptCpu,
  windows: readonly Span[]
): Observable<Read> {
  const { start, end } = around(windows);
  const { servicesNamespace } = request;
  const before = { start: start - maxLookbackMs, end };
  return forkJoin({
    scrapes: readScrapes(client, before, containers, kept.slots),
    labelling: askLabelling(client, servicesNamespace, before),
  }).pipe(
    switchMap(({ scrapes, labelling }) =>
      // One look far back would make the whole run slow.
      askInOrder(
        runsOf(windows, maxInRun, (window) => Math.ceil(lookbackAt(window.start, scrapes.gaps).lookbackMs / hourMs)),
        (run) => readRun(client, { request, kept, scrapes, labelling }, run),
        queriesAhead
      ).pipe(
        map(merge),
        concatMap((part) =>
          askNodes(client, { servicesNamespace, labelling }, part.windows, part.sampled).pipe(
            map((nodes) => ({ ...part, windows: withUnscrapedNodes(part.windows, nodes) }))
          )
        ),
        map((part) => ({ gaps: clip(scrapes.gaps, { start, end }), part }))
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
    sampled: parts.flatMap(({ sampled }) => sampled),
    failed: parts.flatMap(({ failed }) => failed),
    notes: [...new Set(parts.flatMap(({ notes }) => notes))],
    warnings: [...new Set(parts.flatMap(({ warnings }) => warnings))],
  };
}

function readRun(client: PrometheusClient, context: Context, run: WindowRun): Observable<Part> {
  const windows = windowsOf(run);
  const { request, kept, scrapes, labelling } = context;
  const { intervalMs, gaps } = scrapes;
  if (intervalMs === undefined) {
    // Nothing was scraped anywhere near: the gaps say so.
    return of({ ...emptyPart, windows: windows.map(emptyWindow) });
  }
  const lookbacks = windows.map(({ start }) => lookbackAt(start, gaps));
  const shape: CpuWindow = {
    servicesNamespace: request.servicesNamespace,
    labelling,
    windowMs: run.lengthMs,
    lookbackMs: Math.max(...lookbacks.map(({ lookbackMs }) => lookbackMs)),
    scrapeMs: intervalMs,
  };
  const beginnings = windows.filter((_, index) => lookbacks[index]?.found === false);
  const oldUntil = Math.max(-Infinity, ...beginnings.map(({ start }) => oldUntilAt(start, gaps)));
  return askCpu(client, { shape, run, oldUntil, days: kept.days }).pipe(
    map((facts) => ({
      ...emptyPart,
      windows: computeWindows(facts),
      sampled: sampledPods(facts.pods),
      warnings: cpuWarnings(facts),
    })),
    catchError((error: unknown) => of({ ...emptyPart, failed: windows, notes: [toUpstreamError(error).message] }))
  );
}
