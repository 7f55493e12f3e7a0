import { escapeRegex } from '../../expr/regex';
import { addTo } from '../sums';
import { podName } from './podValues';

/** What the counters of a pod are known to show together: CPU seconds of their last samples at or before a time (ms). */
export interface KnownTotal {
  time: number;
  seconds: number;
}

/** What is wanted of a pod in a window. */
export interface WantedPod {
  shown: KnownTotal[];
  /** How long it may have lived within the window and the lookback. */
  livedMs: number;
}

/** The pods (by key) that are wanted for a window. */
export interface WantedSamples {
  pods: ReadonlyMap<string, WantedPod>;
  /** How long all other pods may have lived together within the window and the lookback. */
  othersMs: number;
}

/** Windows of a run whose samples one query asks for: those of some pods, or of all. */
export interface SampleBatch {
  first: number;
  last: number;
  /** Their names. */
  pods: ReadonlySet<string> | 'all';
}

/** Samples to expect in a window: of pods by name, and of all others. */
export interface ExpectedSamples {
  pods: ReadonlyMap<string, number>;
  others: number;
}

/**
 * Bounds of a query: characters of all names (VictoriaMetrics accepts 16 kB in a query by default), and estimated samples in
 * the answer.
 */
const maxNameCharacters = 13_000;
const maxSamples = 400_000;

/** A name costs about as much as these samples of pods that are not wanted. */
const samplesForName = 20;

export function holds({ pods }: SampleBatch, name: string): boolean {
  return pods === 'all' || pods.has(name);
}

export function covers({ first, last }: SampleBatch, window: number): boolean {
  return first <= window && window <= last;
}

export function expectedIn({ pods, othersMs }: WantedSamples, scrapeMs: number): ExpectedSamples {
  const samples = new Map<string, number>();
  pods.forEach(({ livedMs }, key) => addTo(samples, podName(key), 1 + livedMs / scrapeMs));
  return { pods: samples, others: othersMs / scrapeMs };
}

/**
 * Gathers windows into as few queries as may ask for the pods that are wanted: by name, or all pods where the others have few
 * samples.
 */
export function batchesOf(windows: readonly ExpectedSamples[]): SampleBatch[] {
  const open: OpenBatch[] = [];
  const last = () => open[open.length - 1];
  windows.forEach(({ pods, others }, window) => {
    if (pods.size > 0 && others <= samplesForName * pods.size) {
      const samples = [...pods.values()].reduce((sum, count) => sum + count, others);
      if (!last()?.addAll(window, samples)) {
        open.push(new OpenBatch(window, 'all', samples));
      }
      return;
    }
    for (const [name, samples] of pods) {
      if (!last()?.addPod(window, name, samples)) {
        open.push(new OpenBatch(window, new Set([name]), samples));
      }
    }
  });
  return open.map(({ first, last: end, pods }) => ({ first, last: end, pods }));
}

/** What to ask for instead of a batch; nothing when it can't be smaller. */
export function smallerThan({ first, last, pods }: SampleBatch, expected: readonly ExpectedSamples[]): SampleBatch[] {
  if (pods === 'all') {
    const named = expected.map((window, index) => ({ pods: index < first || index > last ? new Map() : window.pods }));
    return batchesOf(named.map((window) => ({ ...window, others: Infinity })));
  }
  const names = [...pods];
  const middle = Math.ceil(names.length / 2);
  const halves = names.length > 1 ? [names.slice(0, middle), names.slice(middle)] : [];
  return halves.map((half) => ({ first, last, pods: new Set(half) }));
}

/** A batch that more is added to while it stays within the bounds; what can't be added is refused. */
class OpenBatch implements SampleBatch {
  last: number;
  private length: number;

  constructor(
    readonly first: number,
    readonly pods: Set<string> | 'all',
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
    if (this.samples + samples > maxSamples || this.length + length > maxNameCharacters) {
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
