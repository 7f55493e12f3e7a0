import { defer, forkJoin, map, type Observable, of, switchMap, tap } from 'rxjs';

import { lengthOf, type Span, unionOf } from '../../domain/span';
import { partLabel } from '../../expr/promqlCpu';
import { activeGpuEvidence, gpuEvidence, oscarGpuEvidence } from '../../expr/promqlGpu';
import {
  anyContainer,
  scrapesOfSeries,
  scrapesOfTargets,
  type Targets,
  targetsThatDeliver,
} from '../../expr/promqlScrapes';
import { type PrometheusClient, type PromSeries } from '../../upstream/prometheus';
import { type LruStore } from '../cache/lruStore';
import { type Settling } from '../cache/settledWindows';

/** When a kind of series was scraped. */
export interface Scrapes {
  /** Stretches in which too little was scraped; whole slots of ten minutes, or of an hour where `up` does not tell. */
  gaps: Span[];
  /** Usual time between two scrapes, in ms; undefined when nothing was ever scraped. */
  intervalMs: number | undefined;
  /** How long a sample counts outside of the gaps, in ms: until the next one was there, with a little to spare. */
  lookBackMs: number | undefined;
}

/** Series of which the scrapes are asked for. */
export interface Scraped {
  selector: string;
  /** How far one look for their jobs goes back, in ms. */
  lookMs: number;
  /** The share of the usual scrapes below which a slot is a gap; of the failures that are left, more than the rest. */
  leastShare: number;
}

const minuteMs = 60_000;
const dayMs = 86_400_000;
const slotMs = { up: 10 * minuteMs, series: 60 * minuteMs };

/** Slots that one query asks for: below the engine's 11 000 points a series. */
const mostSlots = 4500;

/** Counters go on over some lost scrapes, so that only a real outage loses anything. */
export const counters = (selector: string): Scraped => ({ selector, lookMs: 10 * minuteMs, leastShare: 0.5 });

/** Of what is counted by the minute, the minutes without a scrape are lost. */
export const gauges = (selector: string): Scraped => ({ selector, lookMs: dayMs, leastShare: 0.9 });

export const containers = counters(anyContainer);

/** Metrics of which a template's scrapes are known. */
const known: ReadonlyArray<readonly [metric: RegExp, scraped: Scraped]> = [
  [/\bcontainer_cpu_usage_seconds_total\b/, containers],
  [/\bkube_pod_container_resource_requests\b/, gauges(gpuEvidence)],
  [/\bDCGM_FI_\w+/, gauges(activeGpuEvidence)],
  [/\bcontainer_gpu_usage_seconds_total\b/, counters(oscarGpuEvidence)],
];

/** The series by which one can tell when the metrics of a template were scraped; none where they are not known. */
export function scrapedIn(template: string): Scraped[] {
  return known.filter(([metric]) => metric.test(template)).map(([, scraped]) => scraped);
}

/** Slots that were read, for whoever asks about the same ones. */
export class ScrapeSlotCache {
  /** @param question what shapes the slots beside the series and the time */
  constructor(
    private readonly store: LruStore<KeptSlots>,
    private readonly question: readonly string[],
    private readonly settling: Pick<Settling, 'now' | 'readAgain'>
  ) {}

  /** A span up to the end of the slot in which it ends, if that is over. */
  inWholeSlots({ start, end }: Span): Span {
    const slotEnd = Math.ceil(end / slotMs.up) * slotMs.up;
    return { start, end: slotEnd <= this.settling.now ? slotEnd : end };
  }

  get(span: Span, scraped: Scraped): readonly Slot[] | undefined {
    return this.settling.readAgain ? undefined : this.store.get(this.keyOf(span, scraped))?.slots;
  }

  /** Keeps slots unless they show a gap, which may be filled later. */
  keep(span: Span, scraped: Scraped, slots: readonly Slot[]): void {
    if (judge(slots, scraped.leastShare).gaps.length === 0) {
      this.store.set(this.keyOf(span, scraped), { slots, size: 1 + slots.length });
    }
  }

  /** The same for all spans that hold the same whole slots. */
  private keyOf({ start, end }: Span, { selector }: Scraped): string {
    const slot = slotMs.up;
    return JSON.stringify([...this.question, selector, Math.ceil(start / slot), Math.floor(end / slot)]);
  }
}

export interface KeptSlots {
  slots: readonly Slot[];
  size: number;
}

/**
 * Reads when series were scraped inside a span: by `up` of the jobs that deliver them, or by their own samples where there
 * is none. A slot that is not over is taken for what the one before it is. Gaps may reach beyond the span.
 */
export function readScrapes(
  client: PrometheusClient,
  span: Span,
  scraped: Scraped,
  known: ScrapeSlotCache
): Observable<Scrapes> {
  return defer(() => {
    const whole = known.inWholeSlots(span);
    const slots = known.get(whole, scraped);
    return slots ? of(slots) : slotsOf(client, whole, scraped, known);
  }).pipe(map((slots) => toEnd(span, slots, scraped.leastShare)));
}

function slotsOf(
  client: PrometheusClient,
  span: Span,
  scraped: Scraped,
  known: ScrapeSlotCache
): Observable<readonly Slot[]> {
  let isWhole = true;
  const watched = client.reporting(() => (isWhole = false));
  const bySeries = () => readSlots(watched, span, scrapesOfSeries(scraped.selector, slotMs.series), slotMs.series);
  return targetsOf(watched, span, scraped).pipe(
    switchMap((targets) =>
      targets.length === 0 ? bySeries() : readSlots(watched, span, scrapesOfTargets(targets, slotMs.up), slotMs.up)
    ),
    // A store that was filled from elsewhere may lack `up`.
    switchMap((slots) => (slots.every(isSilent) ? bySeries() : of(slots))),
    tap((slots) => {
      // What an engine calls partial may be whole the next time.
      if (isWhole) {
        known.keep(span, scraped, slots);
      }
    })
  );
}

/** Extends a gap that lasts up to the end of the last whole slot to the end of the span. */
function toEnd(span: Span, slots: readonly Slot[], leastShare: number): Scrapes {
  const { gaps, intervalMs, lookBackMs } = judge(slots, leastShare);
  if (intervalMs === undefined) {
    return { gaps: [span], intervalMs, lookBackMs };
  }
  const end = slots[slots.length - 1]?.end ?? span.end;
  const isOpen = end < span.end && gaps.some((gap) => gap.end === end);
  return { gaps: unionOf([...gaps, ...(isOpen ? [{ start: end, end: span.end }] : [])]), intervalMs, lookBackMs };
}

function targetsOf(
  client: PrometheusClient,
  { start, end }: Span,
  { selector, lookMs }: Scraped
): Observable<Targets[]> {
  const step = Math.min(dayMs, Math.max(minuteMs, Math.floor((end - start) / 4)));
  const count = Math.floor((end - start) / step);
  return client
    .range(targetsThatDeliver(selector, Math.min(lookMs, end - start)), end - 1 - count * step, end - 1, step)
    .pipe(
      map(({ series }) =>
        series
          .flatMap(({ labels: { job, metrics_path: path } }) => (job ? [{ job, ...(path && { path }) }] : []))
          .sort((a, b) => (targetKey(a) < targetKey(b) ? -1 : 1))
      )
    );
}

function targetKey({ job, path = '' }: Targets): string {
  return JSON.stringify([job, path]);
}

/** Ends of the slots inside the span, which begin at multiples of their length. */
function slotEnds({ start, end }: Span, slot: number): number[] {
  const first = Math.ceil(start / slot) * slot + slot;
  const ends: number[] = [];
  for (let time = first; time <= end; time += slot) {
    ends.push(time);
  }
  return ends;
}

interface Slot extends Span {
  scrapes: number;
  failed: number;
  down: number;
}

function isSilent({ scrapes, failed }: Slot): boolean {
  return scrapes === 0 && failed === 0;
}

function readSlots(client: PrometheusClient, span: Span, query: string, slot: number): Observable<Slot[]> {
  const ends = slotEnds(span, slot);
  const pieces: number[][] = [];
  for (let from = 0; from < ends.length; from += mostSlots) {
    pieces.push(ends.slice(from, from + mostSlots));
  }
  const answers = pieces.map((piece) => client.range(query, piece[0] ?? 0, piece[piece.length - 1] ?? 0, slot));
  return (answers.length === 0 ? of([]) : forkJoin(answers)).pipe(
    map((results) => {
      const series = results.flatMap((result) => result.series);
      const [scrapes, failed, down] = ['scrapes', 'failed', 'down'].map((part) => valuesOf(series, part));
      const at = (values: Map<number, number> | undefined, end: number) => values?.get(end) ?? 0;
      return ends.map((end) => ({
        start: end - slot,
        end,
        scrapes: at(scrapes, end),
        failed: at(failed, end),
        down: at(down, end),
      }));
    })
  );
}

function valuesOf(series: readonly PromSeries[], part: string): Map<number, number> {
  return new Map(series.filter(({ labels }) => labels[partLabel] === part).flatMap(({ samples }) => samples));
}

/**
 * A gap is a slot with less than a share of the usual scrapes, or in which a target failed more often than that allows
 * or throughout.
 */
export function judge(slots: readonly Slot[], leastShare: number): Scrapes {
  const counts = slots.map(({ scrapes }) => scrapes).filter((count) => count > 0);
  const usual = counts.sort((a, b) => a - b)[Math.floor(counts.length / 2)] ?? 0;
  const isPoor = ({ scrapes, failed, down }: Slot) =>
    scrapes === 0 ||
    down > 0 ||
    // Where the interval does not divide a slot, one slot has a scrape more than the other.
    (scrapes < usual * leastShare && scrapes < usual - 1) ||
    failed > usual - usual * leastShare;
  const gaps = unionOf(slots.filter(isPoor).map(({ start, end }) => ({ start, end })));
  const [first] = slots;
  if (usual === 0 || !first) {
    return { gaps, intervalMs: undefined, lookBackMs: undefined };
  }
  // Two slots together know an interval that does not divide one of them, and one that changed for a while.
  const pairs = slots.flatMap((slot, index) => {
    const before = slots[index - 1];
    return before && !isPoor(slot) && !isPoor(before) ? [slot.scrapes + before.scrapes] : [];
  });
  const fewest = pairs.reduce((least, scrapes) => Math.min(least, scrapes), Infinity);
  const longestMs = (2 * lengthOf(first)) / (Number.isFinite(fewest) ? fewest : 2 * usual);
  // The mean, because the median of slots with two and three scrapes in turn is either.
  const whole = slots.filter((slot) => !isPoor(slot));
  const scrapes = whole.reduce((sum, slot) => sum + slot.scrapes, 0);
  const meanMs = scrapes > 0 ? (whole.length * lengthOf(first)) / scrapes : lengthOf(first) / usual;
  const intervalMs = Math.max(1000, Math.round(meanMs / grainMs) * grainMs);
  return { gaps, intervalMs, lookBackMs: Math.ceil((longestMs * spare) / grainMs) * grainMs };
}

/** Scrapes are not on time to the millisecond. */
const spare = 1.1;

/** What sets two readings of the same scrapes apart must not set their hours apart. */
const grainMs = 5000;

const hourMs = 60 * minuteMs;
export const longestLookbackMs = 26 * hourMs;

/**
 * How far before a moment counters have to be looked for, so that at least an hour with scrapes lies in between; and
 * whether that hour was found. Where it was not, nothing tells a new counter from one that was there before.
 */
export function lookbackAt(time: number, gaps: readonly Span[]): { lookbackMs: number; found: boolean } {
  let lookbackMs = hourMs;
  for (;;) {
    const from = time - lookbackMs;
    const lost = gaps.reduce(
      (sum, gap) => sum + lengthOf({ start: Math.max(gap.start, from), end: Math.min(gap.end, time) }),
      0
    );
    if (hourMs + lost <= lookbackMs) {
      return { lookbackMs, found: true };
    }
    lookbackMs = hourMs + lost;
    if (lookbackMs > longestLookbackMs) {
      return { lookbackMs: longestLookbackMs, found: false };
    }
  }
}
