import { catchError, concatMap, forkJoin, from, map, mergeMap, type Observable, tap, throwError, toArray } from 'rxjs';

import { type Span } from '../domain/span';
import { type CpuWindow, samplesOfPods } from '../expr/promqlUsage';
import { escapeRegex } from '../expr/regex';
import { toUpstreamError, UpstreamError } from '../upstream/errors';
import { type PrometheusClient, type PromSeries } from '../upstream/prometheus';
import { lastAt } from './containerUse';
import { allSamples, type Container, containersByPod, within } from './counters';
import { addTo } from './hours';
import { podName } from './podValues';
import { type WindowRun, windowsOf } from './windows';

/** What the counters of a pod are known to show together: CPU seconds of their last samples at or before a time (ms). */
export interface Shown {
  time: number;
  seconds: number;
}

/** What is wanted of a pod in a window. */
export interface WantedPod {
  shown: Shown[];
  /** How long it may have lived within the window and the lookback. */
  livedMs: number;
}

/** The pods (by key) that are wanted for a window. */
export interface Wanted {
  pods: ReadonlyMap<string, WantedPod>;
  /** How long all other pods may have lived together within the window and the lookback. */
  othersMs: number;
}

/** Windows of a run whose samples one query asks for: those of some pods, or of all. */
export interface Chunk {
  first: number;
  last: number;
  /** Their names. */
  pods: Set<string> | 'all';
}

/** Samples to expect in a window: of pods by name, and of all others. */
export interface Expected {
  pods: ReadonlyMap<string, number>;
  others: number;
}

/**
 * Bounds of a query: characters of all names (VictoriaMetrics takes 16 kB of a query by default), and samples in the answer,
 * as far as can be told before.
 */
const longestNames = 13_000;
const mostSamples = 400_000;

/** A name costs about as much as these samples of pods that are not wanted. */
const samplesForName = 20;

const concurrency = 2;

/** What an engine, or something on the way, says of a query or an answer that is too large for it. */
const isTooLarge = ({ kind }: UpstreamError) => kind === 'bad-request' || kind === 'size-limit';

/** The containers of single pods, by key. */
type Containers = ReadonlyMap<string, Container[]>;

/** The containers of single pods, window by window of a run, as `readPodSamples` read them. */
export class PodSamples {
  constructor(
    private readonly chunks: readonly ReadChunk[],
    private readonly windows: readonly Span[],
    private readonly lookbackMs: number
  ) {}

  /** The containers of the pod with a key in a window; none when it was not asked for. */
  of(key: string, window: number): Container[] {
    const chunk = this.chunks.find((one) => covers(one, window) && holds(one, podName(key)));
    return containersIn(chunk?.containers, key, this.windows[window], this.lookbackMs);
  }
}

/**
 * Reads the containers of the pods that are wanted for each window of a run: the samples in (start − lookback, end] of the
 * window. What is not a finite number is left out. An answer that does not show what is known is not taken. Errors like the
 * client.
 */
export function readPodSamples(
  client: PrometheusClient,
  shape: CpuWindow,
  run: WindowRun,
  wanted: readonly Wanted[]
): Observable<PodSamples> {
  const windows = windowsOf(run);
  const { lookbackMs, scrapeMs } = shape;
  const expected = wanted.map((window) => expectedIn(window, scrapeMs));
  const readChunk = (chunk: Chunk): Observable<ReadChunk> => {
    const start = windows[chunk.first]?.start ?? 0;
    const end = windows[chunk.last]?.end ?? 0;
    const pods = chunk.pods === 'all' ? undefined : [...chunk.pods];
    const read = (series: readonly PromSeries[]) => containersByPod(series, shape);
    const check = (series: readonly PromSeries[]) => {
      const containers = read(series);
      wanted.forEach((window, index) => {
        if (covers(chunk, index)) {
          checkWindow(chunk, window, (key) => containersIn(containers, key, windows[index], lookbackMs));
        }
      });
    };
    const selectors = samplesOfPods(shape, pods, end - start + lookbackMs);
    return samplesOf(client, selectors, end - 1, check).pipe(
      map((series) => ({ ...chunk, containers: read(series) })),
      catchError((error: unknown) => {
        const smaller = isTooLarge(toUpstreamError(error)) ? smallerThan(chunk, expected) : [];
        return smaller.length > 0 ? from(smaller).pipe(concatMap(readChunk)) : throwError(() => error);
      })
    );
  };
  return from(chunksOf(expected)).pipe(
    mergeMap(readChunk, concurrency),
    toArray(),
    map((chunks) => new PodSamples(chunks, windows, lookbackMs))
  );
}

type ReadChunk = Chunk & { containers: Containers };

/** The samples that several selectors find. What one of them finds is only checked with what the others do. */
function samplesOf(
  client: PrometheusClient,
  selectors: readonly string[],
  time: number,
  check: (series: readonly PromSeries[]) => void
): Observable<readonly PromSeries[]> {
  const [only] = selectors;
  if (selectors.length === 1 && only !== undefined) {
    return client.samples(only, time, ({ series }) => check(series)).pipe(map(({ series }) => series));
  }
  return forkJoin(selectors.map((selector) => client.samples(selector, time))).pipe(
    map((results) => results.flatMap(({ series }) => series)),
    tap(check)
  );
}

/** What to ask for instead of a chunk; nothing when it can't be smaller. */
function smallerThan({ first, last, pods }: Chunk, expected: readonly Expected[]): Chunk[] {
  if (pods === 'all') {
    const named = expected.map((window, index) => ({ pods: index < first || index > last ? new Map() : window.pods }));
    return chunksOf(named.map((window) => ({ ...window, others: Infinity })));
  }
  const names = [...pods];
  const middle = Math.ceil(names.length / 2);
  const halves = names.length > 1 ? [names.slice(0, middle), names.slice(middle)] : [];
  return halves.map((half) => ({ first, last, pods: new Set(half) }));
}

function expectedIn({ pods, othersMs }: Wanted, scrapeMs: number): Expected {
  const samples = new Map<string, number>();
  pods.forEach(({ livedMs }, key) => addTo(samples, podName(key), 1 + livedMs / scrapeMs));
  return { pods: samples, others: othersMs / scrapeMs };
}

function holds({ pods }: Chunk, name: string): boolean {
  return pods === 'all' || pods.has(name);
}

function covers({ first, last }: Chunk, window: number): boolean {
  return first <= window && window <= last;
}

function containersIn(
  containers: Containers | undefined,
  key: string,
  { start, end }: Span = { start: 0, end: 0 },
  lookbackMs: number
): Container[] {
  return within(containers?.get(key) ?? [], (time) => time > start - 1 - lookbackMs && time <= end - 1);
}

/** Throws an `UpstreamError` unless the pods of a chunk show what is known of them. */
function checkWindow(chunk: Chunk, { pods }: Wanted, containersOf: (key: string) => Container[]): void {
  for (const [key, { shown }] of pods) {
    if (holds(chunk, podName(key))) {
      const containers = containersOf(key);
      for (const one of shown) {
        if (!isShown(one, containers)) {
          const told = `${String(lastAt(containers, one.time)?.value)} instead of ${one.seconds} CPU seconds`;
          throw new UpstreamError('malformed', `samples of the pod ${JSON.stringify(podName(key))} tell of ${told}`);
        }
      }
    }
  }
}

/** Samples that were taken so shortly before may have come in after the sum was made. */
const lateMs = 300_000;

function isShown({ time, seconds }: Shown, containers: readonly Container[]): boolean {
  const late = allSamples(containers).flatMap(([at]) => (at <= time && at > time - lateMs ? [at - 1] : []));
  return [time, ...late].some((at) => {
    const found = lastAt(containers, at)?.value ?? NaN;
    return Math.abs(found - seconds) <= 1e-9 * Math.max(1, Math.abs(seconds));
  });
}

/**
 * Gathers windows into as few queries as may ask for the pods that are wanted: by name, or all pods where the others have few
 * samples.
 */
export function chunksOf(windows: readonly Expected[]): Chunk[] {
  const open: OpenChunk[] = [];
  const last = () => open[open.length - 1];
  windows.forEach(({ pods, others }, window) => {
    if (pods.size > 0 && others <= samplesForName * pods.size) {
      const samples = [...pods.values()].reduce((sum, count) => sum + count, others);
      if (!last()?.addAll(window, samples)) {
        open.push(new OpenChunk(window, 'all', samples));
      }
      return;
    }
    for (const [name, samples] of pods) {
      if (!last()?.addPod(window, name, samples)) {
        open.push(new OpenChunk(window, new Set([name]), samples));
      }
    }
  });
  return open.map(({ first, last: end, pods }) => ({ first, last: end, pods }));
}

/** A chunk that more is added to while it stays within the bounds; what can't be added is refused. */
class OpenChunk implements Chunk {
  last: number;
  private length: number;

  constructor(
    readonly first: number,
    readonly pods: Chunk['pods'],
    private samples: number
  ) {
    this.last = first;
    this.length = pods === 'all' ? 0 : [...pods].reduce((sum, name) => sum + lengthOf(name), 0);
  }

  /** Windows in between would be asked for, too, whatever they hold. */
  addAll(window: number, samples: number): boolean {
    return this.pods === 'all' && window === this.last + 1 && this.grow(window, samples, 0);
  }

  addPod(window: number, name: string, samples: number): boolean {
    if (this.pods === 'all' || !this.grow(window, samples, this.pods.has(name) ? 0 : lengthOf(name))) {
      return false;
    }
    this.pods.add(name);
    return true;
  }

  private grow(window: number, samples: number, length: number): boolean {
    if (this.samples + samples > mostSamples || this.length + length > longestNames) {
      return false;
    }
    this.last = window;
    this.samples += samples;
    this.length += length;
    return true;
  }
}

/** Characters of a name in a list of them. */
function lengthOf(name: string): number {
  return escapeRegex(name).length + 1;
}
