import { type Span } from '../domain/span';
import { type LineFamily } from '../expr/logql';
import { type UpstreamError } from '../upstream/errors';
import { type LokiClient } from '../upstream/loki';
import { type Cell } from './cell';
import { type KeyTable } from './keyTable';
import { type PieceSizer } from './pieceSizer';
import { type TileSizer } from './tileSizer';

/** A span that could not be read, and why. */
export interface MissingSpan extends Span {
  reason: UpstreamError;
}

export type LoadEvent = { kind: 'cell'; cell: Cell } | { kind: 'missing'; missing: MissingSpan };

export interface LoaderDependencies {
  client: LokiClient;
  family: LineFamily;
  table: KeyTable;
  sizer: PieceSizer;
  tileSizer: TileSizer;
  /** Requests of one load that are under way at the same time. */
  concurrency: number;
  now: () => number;
}
