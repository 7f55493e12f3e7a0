import { concatMap, type Observable, of, timer } from 'rxjs';

import { minuteMs } from '../domain/duration';
import { type Transport, type TransportRequest } from './transport';

/** Waits before a question is asked again, in ms: a store that is busy has what it lacked after some seconds. */
export const patientWaitsMs: readonly number[] = [500, 1500, 4000];

/** The same where a store did not recover just now: damaged chunks stay damaged, and many questions touch one. */
const shortWaitsMs: readonly number[] = [500];
const disappointedForMs = minuteMs;

/** What Loki counts while it answers (`data.stats`), of the chunks that hold the lines. */
interface ChunkStats {
  /** Chunks that were not in memory and were asked for. */
  wanted: number;
  /** Of these, asked of the cache, and found there. */
  requested: number;
  found: number;
  /** Read from the store. Counted twice where they are then written to the cache at once, as by default. */
  stored: number;
}

type Verdict = 'whole' | 'lost' | 'suspect';

/**
 * Looks whether Loki read all chunks for its answer. When a chunk can't be read (the object store does not answer, a file is
 * damaged, or is being written: as for a minute after the restart of a Loki with a file store), Loki logs that and
 * answers without the chunk's lines, with status 200 and without a warning (3.7.6: `Fetcher.FetchChunks`
 * in pkg/storage/chunk/fetcher/fetcher.go returns no error). Only its statistics tell.
 *
 * The question is asked again, and if the chunks are still not there, the answer gets a warning, as Loki itself would give
 * it. A Loki that tells no statistics is believed.
 */
export function wholeChunksTransport(
  transport: Transport,
  now: () => number,
  waitsMs: readonly number[] = patientWaitsMs
): Transport {
  /** True when an answer showed that this Loki counts a chunk from the store once, which no loss can look like. */
  let countsOnce = false;
  /** True when an answer showed that it counts a chunk twice. Then `countsOnce` is not believed: it may do both. */
  let countsTwice = false;
  let disappointedAt = -Infinity;

  const verdictOn = ({ wanted, requested, found, stored }: ChunkStats): Verdict => {
    const needed = wanted - found;
    const counts = requested + found + stored > 0;
    if (needed <= 0 || stored >= 2 * needed || !counts) {
      return 'whole';
    }
    return stored < needed ? 'lost' : countsOnce && !countsTwice && stored === needed ? 'whole' : 'suspect';
  };

  /**
   * An odd number of chunks that were all read, and counted as many, were counted once: half of a number that was counted twice
   * is never odd. An even one may also be half of the chunks, counted twice, of a store that recovered in the meantime.
   */
  const learn = (stats: ChunkStats, before?: ChunkStats) => {
    const { wanted, found, stored } = stats;
    countsTwice ||= stored > wanted - found;
    if (before && before.stored % 2 === 1 && looksLikeOnce(before)) {
      countsOnce ||= wanted <= found || isEqual(stats, before);
    }
  };

  const ask = (request: TransportRequest, waits: readonly number[], before?: ChunkStats): Observable<unknown> =>
    transport(request).pipe(
      concatMap((body) => {
        const stats = statsOf(body);
        if (!stats) {
          return of(body);
        }
        learn(stats, before);
        const verdict = verdictOn(stats);
        if (verdict === 'whole') {
          return of(body);
        }
        if (verdict === 'suspect' && !before) {
          // What was read is in Loki's cache now, so that the next answer tells what was not.
          return askAgain(request, waits, stats);
        }
        if (verdict === 'suspect' && before && isEqual(stats, before) && looksLikeOnce(stats)) {
          // Had chunks been lost and the others counted twice, those would be in the cache by now.
          return of(body);
        }
        const [wait, ...rest] = waits;
        if (wait === undefined) {
          disappointedAt = now();
          return of(withWarning(body));
        }
        return timer(wait).pipe(concatMap(() => askAgain(request, rest, stats)));
      })
    );

  /** Loki's cache of results, where it has one, keeps answers that lack chunks, and tells no statistics of them. */
  const askAgain = (request: TransportRequest, waits: readonly number[], before: ChunkStats) =>
    ask({ ...request, fresh: true }, waits, before);

  return (request) => {
    if (!request.evaluatedAt || request.mayLackChunks || !request.path.startsWith('loki/')) {
      return transport(request);
    }
    const isDisappointed = Math.abs(now() - disappointedAt) < disappointedForMs;
    return ask(request, isDisappointed ? shortWaitsMs.slice(0, waitsMs.length) : waitsMs);
  };
}

function looksLikeOnce({ wanted, found, stored }: ChunkStats): boolean {
  return stored > 0 && stored === wanted - found;
}

function isEqual(one: ChunkStats, other: ChunkStats): boolean {
  return one.wanted === other.wanted && one.found === other.found && one.stored === other.stored;
}

function statsOf(body: unknown): ChunkStats | undefined {
  const stats = (body as { data?: { stats?: LokiStats } } | null | undefined)?.data?.stats;
  const wanted = stats?.querier?.store?.totalChunksDownloaded;
  const cache = stats?.cache?.chunk;
  const numbers = [wanted, cache?.entriesRequested, cache?.entriesFound, cache?.entriesStored];
  if (!numbers.every((number) => typeof number === 'number' && Number.isFinite(number))) {
    return undefined;
  }
  const [all, requested, found, stored] = numbers as [number, number, number, number];
  return { wanted: all, requested, found, stored };
}

/** As Loki 3.7.6 has it; every part may be absent in another one. */
interface LokiStats {
  querier?: { store?: { totalChunksDownloaded?: unknown } };
  cache?: { chunk?: { entriesRequested?: unknown; entriesFound?: unknown; entriesStored?: unknown } };
}

/** One text whatever the number, so that it is said once for a range of many answers. */
export const lostChunksWarning =
  "some chunks of lines could not be read and are left out: Loki's store did not respond, or contains damaged files " +
  '(search its log for "failed downloading chunks")';

function withWarning(body: unknown): unknown {
  const answer = body as { warnings?: unknown };
  const warnings: unknown[] = Array.isArray(answer.warnings) ? answer.warnings : [];
  return { ...answer, warnings: [...warnings, lostChunksWarning] };
}
