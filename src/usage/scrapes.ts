import { concatMap, forkJoin, map, type Observable, of, switchMap } from 'rxjs';

import { lengthOf, type Span, unionOf } from '../domain/span';
import { containerJobs, scrapesOfContainers, scrapesOfJobs } from '../expr/promqlScrapes';
import { partLabel } from '../expr/promqlUsage';
import { type PrometheusClient, type PromSeries } from '../upstream/prometheus';

/** When containers were scraped. */
export interface Scrapes {
  /** Stretches in which too little was scraped; whole slots of ten minutes, or of an hour where `up` does not tell. */
  gaps: Span[];
  /** Mean time between two scrapes, in ms; undefined when nothing was ever scraped. */
  intervalMs: number | undefined;
}

const minuteMs = 60_000;
const dayMs = 86_400_000;
const jobLookMs = 10 * minuteMs;
const slotMs = { up: 10 * minuteMs, containers: 60 * minuteMs };

/** Slots that one query asks for: below the engine's 11 000 points a series. */
const mostSlots = 4500;

/** Reads when containers were scraped inside a span. A slot that is not over is taken for what the one before it is. */
export function readScrapes(client: PrometheusClient, span: Span): Observable<Scrapes> {
  return jobsOf(client, span).pipe(
    switchMap((jobs) => {
      const slot = jobs.length > 0 ? slotMs.up : slotMs.containers;
      const query = jobs.length > 0 ? scrapesOfJobs(jobs, slot) : scrapesOfContainers(slot);
      const ends = slotEnds(span, slot);
      return ends.length === 0 ? of([]) : slotsOf(client, query, ends, slot);
    }),
    map((slots) => toEnd(span, slots))
  );
}

/** Extends a gap that lasts up to the end of the last whole slot to the end of the span. */
function toEnd(span: Span, slots: readonly Slot[]): Scrapes {
  const { gaps, intervalMs } = judge(slots);
  if (intervalMs === undefined) {
    return { gaps: [span], intervalMs };
  }
  const end = slots[slots.length - 1]?.end ?? span.end;
  const isOpen = gaps.some((gap) => gap.end === end);
  return { gaps: unionOf([...gaps, ...(isOpen ? [{ start: end, end: span.end }] : [])]), intervalMs };
}

function jobsOf(client: PrometheusClient, { start, end }: Span): Observable<string[]> {
  const step = Math.min(dayMs, Math.max(minuteMs, Math.floor((end - start) / 4)));
  const count = Math.floor((end - start) / step);
  return client
    .range(containerJobs(jobLookMs), end - 1 - count * step, end - 1, step)
    .pipe(map(({ series }) => [...new Set(series.flatMap(({ labels }) => labels['job'] ?? []))].sort()));
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
  down: number;
}

function slotsOf(client: PrometheusClient, query: string, ends: readonly number[], slot: number): Observable<Slot[]> {
  const pieces: number[][] = [];
  for (let from = 0; from < ends.length; from += mostSlots) {
    pieces.push(ends.slice(from, from + mostSlots));
  }
  const answers = pieces.map((piece) => client.range(query, piece[0] ?? 0, piece[piece.length - 1] ?? 0, slot));
  return forkJoin(answers).pipe(
    concatMap((results) => {
      const series = results.flatMap((result) => result.series);
      const scrapes = valuesOf(series, 'scrapes');
      const down = valuesOf(series, 'down');
      return of(
        ends.map((end) => ({ start: end - slot, end, scrapes: scrapes.get(end) ?? 0, down: down.get(end) ?? 0 }))
      );
    })
  );
}

function valuesOf(series: readonly PromSeries[], part: string): Map<number, number> {
  return new Map(series.filter(({ labels }) => labels[partLabel] === part).flatMap(({ samples }) => samples));
}

/** A slot with less than half of the usual scrapes, or with a target that was down throughout, is a gap. */
export function judge(slots: readonly Slot[]): Scrapes {
  const counts = slots.map(({ scrapes }) => scrapes).filter((count) => count > 0);
  const usual = counts.sort((a, b) => a - b)[Math.floor(counts.length / 2)] ?? 0;
  const first = slots[0];
  const poor = slots.filter(({ scrapes, down }) => scrapes < usual / 2 || scrapes === 0 || down > 0);
  return {
    gaps: unionOf(poor.map(({ start, end }) => ({ start, end }))),
    intervalMs: usual > 0 && first ? Math.round(lengthOf(first) / usual) : undefined,
  };
}

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
