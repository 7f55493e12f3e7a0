import { catchError, forkJoin, map, type Observable, of } from 'rxjs';

import { clip, type Span, totalLength, unionOf } from '../domain/span';
import { toUpstreamError } from '../upstream/errors';
import { type PrometheusClient } from '../upstream/prometheus';
import { readScrapes, type Scraped } from './scrapes';
import { isKnown, type UsageView } from './usageView';
import { around, stretchesOf } from './windows';

const hourMs = 3_600_000;

/** Scrapes before the first window are asked for as well, so that a short one is judged by more than its own. */
const beforeMs = 2 * hourMs;

export interface ScrapingGaps {
  gaps: Span[];
  /** Why gaps are not known. */
  warnings: string[];
}

/**
 * Stretches in some windows in which one of several kinds of series was not scraped enough. Hours of use are too few there,
 * whatever the samples say. Never errors.
 */
export function gapsOfScraping(
  client: PrometheusClient,
  scraped: readonly Scraped[],
  windows: readonly Span[]
): Observable<ScrapingGaps> {
  const spans = stretchesOf(windows).map(around);
  const answers = scraped.flatMap((one) => spans.map((span) => gapsIn(client, one, span)));
  return answers.length === 0
    ? of({ gaps: [], warnings: [] })
    : forkJoin(answers).pipe(
        map((all) => ({
          gaps: unionOf(all.flatMap(({ gaps }) => gaps)),
          warnings: [...new Set(all.flatMap(({ warnings }) => warnings))],
        }))
      );
}

function gapsIn(client: PrometheusClient, scraped: Scraped, { start, end }: Span): Observable<ScrapingGaps> {
  return readScrapes(client, { start: start - beforeMs, end }, scraped).pipe(
    map(({ gaps }) => ({ gaps: clip(gaps, { start, end }), warnings: [] })),
    catchError((error: unknown) =>
      of({ gaps: [], warnings: [`gaps of scraping are not known: ${toUpstreamError(error).message}`] })
    )
  );
}

/** Says what gaps inside windows mean; a window of which nothing is known has a reason of its own. */
export function withGapNote(view: UsageView): UsageView {
  const known = view.windows.filter((window) => isKnown(window, view.missing));
  const gaps = unionOf(known.flatMap((window) => clip(view.missing, window)));
  const [first] = gaps;
  if (!first) {
    return view;
  }
  const note =
    `too little was scraped for ${(totalLength(gaps) / hourMs).toFixed(2)} hours in ${gaps.length} stretches, the first ` +
    `from ${new Date(first.start).toISOString()}: hours of use in these are not counted`;
  return { ...view, notes: [...view.notes, note] };
}
