import {
  catchError,
  concat,
  concatMap,
  defer,
  EMPTY,
  from,
  ignoreElements,
  map,
  merge,
  type Observable,
  of,
  shareReplay,
  Subject,
  switchMap,
  takeUntil,
  tap,
} from 'rxjs';

import { type Span } from '../domain/span';
import { meaningOf, toUpstreamError, type UpstreamError } from '../upstream/errors';
import { type BlockPlan, planBlock } from './blockPlan';
import { type BlockEvent, readBlock } from './blockReader';
import { type Block, blocksOf, spanOf } from './blocks';
import { type Grid } from './grid';
import { type LoadEvent, type LoaderDependencies } from './loadEvent';
import { checkedLookBack, withinLookBack } from './lookBack';
import { loadPieces } from './pieceLoader';
import { foretellVolumes } from './volumeHints';

/** What blocks could not give. */
interface Left {
  spans: Span[];
  /** An error after which every other question would fail in the same way. */
  failure?: UpstreamError;
  /** Not even the lines of a window could be counted. */
  isHopeless?: boolean;
}

/**
 * Reads spans completely: many windows by a query where that goes, piece by piece what is left. Emits cells, and what is
 * missing with the reason; together they cover the spans exactly once. Never errors.
 */
export function loadSpans(spans: readonly Span[], grid: Grid, deps: LoaderDependencies): Observable<LoadEvent> {
  return defer(() => {
    const { askable, early } = withinLookBack(spans, deps);
    const plans = askable.map((span) => blocksOf(span, grid, deps.sizer.limits.maxLengthMs));
    const blocks = plans.flatMap((plan) => plan.blocks);
    const left: Left = { spans: plans.flatMap(({ rest }) => rest) };
    return concat(
      from(early.map((missing): LoadEvent => ({ kind: 'missing', missing }))),
      loadBlocks(blocks, left, deps),
      defer(() => loadLeft(left, grid, deps))
    ).pipe(map((event) => checkedLookBack(event, deps)));
  });
}

function loadLeft({ spans, failure }: Left, grid: Grid, deps: LoaderDependencies): Observable<LoadEvent> {
  const sorted = [...spans].sort((a, b) => a.start - b.start);
  const done = new Subject<void>();
  return merge(
    failure ? EMPTY : foretellVolumes(sorted, deps).pipe(takeUntil(done)),
    loadPieces(sorted, grid, deps, failure).pipe(tap({ complete: () => done.next() }))
  );
}

/** The cells of blocks; what could not be had in this way is added to what is left. */
function loadBlocks(blocks: readonly Block[], left: Left, deps: LoaderDependencies): Observable<LoadEvent> {
  const { tileSizer } = deps;
  const plans = blocks.map((block) =>
    defer(() => (tileSizer.mayAsk && !left.isHopeless ? planBlock(block, deps) : of(undefined))).pipe(
      catchError((error: unknown) => {
        const failure = toUpstreamError(error);
        left.isHopeless = true;
        left.failure ??= meaningOf(failure).sameForAll ? failure : undefined;
        return of(undefined);
      }),
      shareReplay({ bufferSize: 1, refCount: true })
    )
  );
  const eventsOf = (plan: BlockPlan | undefined, block: Block): Observable<BlockEvent> =>
    plan && tileSizer.mayAsk ? readBlock(plan, deps) : of({ kind: 'left', span: spanOf(block) });
  return from(blocks).pipe(
    concatMap((block, index) =>
      merge(
        (plans[index] ?? EMPTY).pipe(switchMap((plan) => eventsOf(plan, block))),
        // While one is read, the next one is planned.
        (plans[index + 1] ?? EMPTY).pipe(ignoreElements())
      )
    ),
    concatMap((event) => {
      if (event.kind === 'cell') {
        return of(event);
      }
      left.spans.push(event.span);
      return EMPTY;
    })
  );
}
