import { type Observable, tap } from 'rxjs';

import { countExpr, countLinesExpr, narrowed, unsplit, valueMatcher } from '../expr/logql';
import { UpstreamError, type UpstreamErrorKind } from '../upstream/errors';
import { type Counts } from '../upstream/loki';
import { type TransportRequest } from '../upstream/transport';
import { type Block, evaluationOf } from './blocks';
import { type LoaderDependencies } from './loadEvent';

/** Errors that say that this engine, or the way to it, does not take such queries. */
export const notUnderstood: ReadonlySet<UpstreamErrorKind> = new Set([
  'malformed',
  'empty',
  'bad-request',
  'length-limit',
  'permission',
]);

/** Some of the streams that a selector matches: those whose label has one of the values, or has none of them. */
export interface Streams {
  label: string;
  values: readonly string[];
  has: boolean;
}

/**
 * Counts of the family's lines in some streams, by window: a sample at `evaluationOf(block).first`, and so on, where there
 * are any. Errors also where Loki does not say that it computed the answer as one (specs/decisions/0013).
 */
export function readTile(block: Block, { label, values, has }: Streams, deps: LoaderDependencies): Observable<Counts> {
  const { selector } = deps.family;
  const isAll = !has && values.length === 0;
  const part = isAll ? selector : narrowed(selector, valueMatcher(label, values, has));
  return ask(block, (offsetMs) => countExpr({ ...deps.family, selector: part }, block.windowMs, offsetMs), deps);
}

/** How many lines of the family there are, by the labels that tell countries and by window; as `readTile`. */
export function readLineCounts(block: Block, deps: LoaderDependencies): Observable<Counts> {
  // Where the count lacks a chunk and the tiles do not, they differ; where the tiles lack it, these are asked again.
  return ask(block, (offsetMs) => countLinesExpr(deps.family, block.windowMs, offsetMs), deps, { mayLackChunks: true });
}

function ask(
  block: Block,
  exprOf: (offsetMs: number) => string,
  { client, family }: LoaderDependencies,
  how: Pick<TransportRequest, 'mayLackChunks'> = {}
): Observable<Counts> {
  const { first, last, offsetMs, unsplitMs } = evaluationOf(block);
  const expr = exprOf(offsetMs);
  const asked = unsplitMs > 0 ? unsplit(expr, family.selector, unsplitMs) : expr;
  return client.counts(asked, first, last, block.windowMs, how).pipe(
    tap(({ splits }) => {
      if (unsplitMs > 0 && !(splits !== undefined && splits <= 1)) {
        throw new UpstreamError(
          'malformed',
          'Loki merged partial results split by time, or does not report that it did not'
        );
      }
    })
  );
}
