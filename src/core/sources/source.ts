import { catchError, defer, map, type Observable, of } from 'rxjs';

import { missingState, type SourceState } from '../completeness/model';
import { type SourceName } from '../domain/sources';
import { type Span } from '../domain/span';
import { type Inventory } from '../hours/inventory';
import { type UsageView } from '../hours/view';
import { type Granularity } from '../requests/grid';
import { type LedgerView } from '../requests/ledger';
import { type SeenView } from '../requests/seenTimes';
import { type Settings } from '../settings';
import { toUpstreamError } from '../upstream/errors';
import { type Engine } from '../upstream/transport';
import { type Round } from './rounds';
import { type Upstreams } from './upstreams';

export type SeenBySpan = SeenView['bySpan'];

/** What the sources delivered for a range, and how complete each of them is. */
export interface Gathered {
  requests?: LedgerView;
  exposed?: LedgerView;
  cpu?: UsageView;
  gpu?: UsageView;
  inventory?: Inventory;
  /** When services were first and last called, by the spans of the request; absent when not asked for. */
  requestsSeen?: SeenBySpan;
  exposedSeen?: SeenBySpan;
  states: ReadonlyMap<SourceName, SourceState>;
  /** Sources that gave no answer at all. */
  failed: readonly SourceName[];
  /** True while more is to come. */
  loading?: boolean;
}

export interface GatherRequest {
  needs: Needs;
  range: Span;
  zone: string;
  granularity: Granularity;
  /** The periods of the report, or the whole range: what first and last times are asked for. */
  spans: readonly Span[];
  /** Windows of CPU and GPU hours. */
  usageGranularity: Granularity;
  readAgain: boolean;
  settings: Settings;
  /** What was answered about the range already. */
  round: Round;
  /** That of the round, in ms since the epoch: an answer is not newer than what it is made of. */
  now: number;
}

/** What one source contributes. */
export interface Part {
  values: Partial<Omit<Gathered, 'states' | 'failed' | 'loading'>>;
  states: SourceState[];
  failed: boolean;
  /** True while more is to come from it. */
  loading?: boolean;
}

/** What a report needs to know; a source that is not needed is not asked. */
export interface Needs {
  requests: boolean;
  exposed: boolean;
  cpu: boolean;
  gpu: boolean;
  inventory: boolean;
  /** The exact times at which services were first and last called. */
  times?: boolean;
  /** Examples of lines that were not understood. */
  examples?: boolean;
}

/** A part of which nothing is shown when the engine refuses to be read while it is made: not what was kept of it, either. */
export function refusable(
  part$: Observable<Part>,
  engine: Engine,
  { range, now }: GatherRequest,
  { refusals }: Upstreams
): Observable<Part> {
  return defer(() => {
    const refusal = refusals.since(engine);
    return part$.pipe(
      map((part): Part => {
        const reason = refusal();
        return reason === undefined
          ? part
          : {
              values: {},
              states: part.states.map(({ source }) => missingState(source, range, reason.message, now)),
              failed: true,
            };
      })
    );
  });
}

/** Turns a thrown configuration error into a missing source. */
export function guarded(sources: readonly SourceName[], { range, now }: GatherRequest, ask: () => Observable<Part>) {
  return defer(ask).pipe(
    catchError((error: unknown) =>
      of<Part>({
        values: {},
        states: sources.map((source) => missingState(source, range, toUpstreamError(error).message, now)),
        failed: true,
      })
    )
  );
}

/** The part of the range about which anything can be known yet. */
export function readableSpan({ range, now }: GatherRequest, aheadMs: number): Span {
  return { start: range.start, end: Math.max(range.start, Math.min(range.end, now + aheadMs)) };
}
