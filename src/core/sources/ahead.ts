import { defer, EMPTY, ignoreElements, type Observable } from 'rxjs';

import { timeZoneOf } from '../domain/periods';
import { type SourceName } from '../domain/sources';
import { type Span } from '../domain/span';
import { type Settings } from '../settings';
import { gather } from './gather';
import { type Upstreams } from './upstreams';

/** Sources that need no counts of requests: they can be asked while others wait for these. */
export const aheadSources = ['usage-cpu', 'usage-gpu', 'service-inventory'] as const satisfies readonly SourceName[];
export type AheadSource = (typeof aheadSources)[number];

/** What will be asked soon. */
export interface AheadQuestion {
  sources: readonly AheadSource[];
  range: Span;
  /** IANA name, or `utc`; UTC takes the place of one that is not known, as in answers. */
  zone: string;
  /** ms since the epoch. */
  askedAt: number;
}

/**
 * Asks sources for what reports of a range will need, by the day, so that these find it answered or under way. Completes when
 * the sources have answered. Never errors: who needs the answer is told what went wrong.
 */
export function askAhead(
  { sources, range, zone, askedAt }: AheadQuestion,
  settings: Settings,
  upstreams: Upstreams
): Observable<never> {
  if (settings.problem !== undefined) {
    return EMPTY;
  }
  return defer(() => {
    const round = upstreams.rounds.current({ range, readAgain: false }, askedAt);
    return gather(
      {
        needs: {
          requests: false,
          exposed: false,
          cpu: sources.includes('usage-cpu'),
          gpu: sources.includes('usage-gpu'),
          inventory: sources.includes('service-inventory'),
        },
        range,
        zone: timeZoneOf(zone) ?? 'utc',
        granularity: 'day',
        usageGranularity: 'day',
        spans: [range],
        readAgain: false,
        settings,
        round,
        now: round.askedAt,
      },
      upstreams
    ).pipe(ignoreElements());
  });
}
