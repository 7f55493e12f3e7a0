import { catchError, defer, forkJoin, map, type Observable, of } from 'rxjs';

import { hourMs } from '../../domain/duration';
import { clip, lengthOf, type Span, totalLength, unionOf } from '../../domain/span';
import { toUpstreamError } from '../../upstream/errors';
import { type PrometheusClient } from '../../upstream/prometheus';
import { isKnown, type UsageView } from '../view';
import { around } from '../windows';
import { gapsFrom } from '../wording';
import { type Scraped } from './scraped';
import { readScrapes } from './scrapes';
import { type ScrapeSlotCache } from './scrapeSlotCache';

/** Scrapes before the first window are read as well, so that a short window is assessed by more than its own. */
const beforeMs = 2 * hourMs;

export interface ScrapingGaps {
  gaps: Span[];
  /** How long a sample counts, in ms; undefined where it is not known. */
  lookBackMs: number | undefined;
  /** Why gaps are not known, or may be wrong. */
  warnings: string[];
}

/**
 * Spans within adjacent windows in which one of several kinds of series was not scraped enough. Hours of use are too few
 * there, whatever the samples say. Never errors.
 */
export function gapsOfScraping(
  client: PrometheusClient,
  scraped: readonly Scraped[],
  windows: readonly Span[],
  slots: ScrapeSlotCache
): Observable<ScrapingGaps> {
  const { start, end } = around(windows);
  if (scraped.length === 0 || windows.length === 0) {
    return of({ gaps: [], lookBackMs: undefined, warnings: [] });
  }
  return defer(() => {
    // A partial answer shows gaps where there are none.
    const warnings = new Set<string>();
    const watched = client.reporting((warning) => warnings.add(warning));
    const span = { start: start - beforeMs, end };
    return forkJoin(scraped.map((one) => readScrapes(watched, span, one, slots))).pipe(
      map((all) => {
        const lookBacks = all.flatMap(({ lookBackMs }) => lookBackMs ?? []);
        return {
          gaps: clip(unionOf(all.flatMap(({ gaps }) => gaps)), { start, end }),
          lookBackMs: lookBacks.length > 0 ? Math.max(...lookBacks) : undefined,
          warnings: [...warnings],
        };
      })
    );
  }).pipe(
    catchError((error: unknown) =>
      of({
        gaps: [],
        lookBackMs: undefined,
        warnings: [`scrape gaps could not be determined: ${toUpstreamError(error).message}`],
      })
    )
  );
}

/**
 * Adds a note about scrape gaps. A day of which nothing is known has a reason of its own; the minutes in which a range
 * begins may lie in a gap.
 */
export function withGapNote(view: UsageView): UsageView {
  const isNoted = (window: Span) => isKnown(window, view.missing) || lengthOf(window) < hourMs;
  const noted = view.windows.some((window) => isKnown(window, view.missing)) ? view.windows.filter(isNoted) : [];
  const gaps = unionOf(noted.flatMap((window) => clip(view.missing, window)));
  const [first] = gaps;
  if (!first) {
    return view;
  }
  const note =
    `too little was scraped for ${(totalLength(gaps) / hourMs).toFixed(2)} hours ${gapsFrom(gaps.length, first.start)}: ` +
    'use in that time is not counted';
  const unscraped = totalLength(gaps) === totalLength(unionOf(view.missing));
  return { ...view, unscraped, notes: [...view.notes, note] };
}
