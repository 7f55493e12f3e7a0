import { defer, forkJoin, map, type Observable, of, switchMap, tap } from 'rxjs';

import { dayMs, minuteMs } from '../../domain/duration';
import { type Span, unionOf } from '../../domain/span';
import { partLabel } from '../../expr/promqlCpu';
import { scrapesOfSeries, scrapesOfTargets, type Targets, targetsThatDeliver } from '../../expr/promqlScrapes';
import { type PrometheusClient, type PromSeries } from '../../upstream/prometheus';
import { type Scraped } from './scraped';
import { type ScrapeSlotCache } from './scrapeSlotCache';
import { assessSlots, isSilent, type Scrapes, type Slot, slotMs } from './slots';

/** Slots that one query asks for: below the engine's 11 000 points a series. */
const maxSlots = 4500;

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
  }).pipe(map((slots) => toEnd(span, slots, scraped.minShare)));
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
  const byTargets = (targets: Targets[]) =>
    readSlots(watched, span, scrapesOfTargets(targets, slotMs.up), slotMs.up).pipe(
      // A store that was filled from elsewhere may have no `up`.
      switchMap((slots) => (slots.every(isSilent) ? bySeries() : of(slots)))
    );
  return targetsOf(watched, span, scraped).pipe(
    switchMap((targets) => (targets.length === 0 ? bySeries() : byTargets(targets))),
    tap((slots) => {
      // What an engine calls partial may be whole the next time.
      if (isWhole) {
        known.keep(span, scraped, slots);
      }
    })
  );
}

/** Extends a gap that lasts up to the end of the last whole slot to the end of the span. */
function toEnd(span: Span, slots: readonly Slot[], minShare: number): Scrapes {
  const { gaps, intervalMs, lookBackMs } = assessSlots(slots, minShare);
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

function readSlots(client: PrometheusClient, span: Span, query: string, slot: number): Observable<Slot[]> {
  const ends = slotEnds(span, slot);
  const pieces: number[][] = [];
  for (let from = 0; from < ends.length; from += maxSlots) {
    pieces.push(ends.slice(from, from + maxSlots));
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
