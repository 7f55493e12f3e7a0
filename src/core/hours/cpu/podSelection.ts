import { type Span } from '../../domain/span';
import { exactSum } from '../../domain/sums';
import { endedAfterMs } from '../../expr/promqlCpu';
import { maxLookbackMs } from '../scrapes/lookback';
import { type PodParts } from './podParts';
import { type WantedPod, type WantedSamples } from './sampleBatches';

/** Keys of the pods of which more than the values at the ends of a window matters. */
export interface PodSelection {
  /** Pods of which a container had ended by the end of the window, or by its start, and no completion was known. */
  readonly endedByEnd: readonly string[];
  readonly endedByStart: readonly string[];
  /** Their completion became known in the window; when it was, in seconds since the epoch. */
  readonly completed: ReadonlyMap<string, number>;
  /** Of these, their start is known, and they have a sample. */
  readonly completedWithSamples: readonly string[];
  /** Only samples show what their counters counted: some were reset, ended, or were there before the window. */
  readonly bySamples: ReadonlySet<string>;
  /** Of these, those that have no sample shortly before the window, but were there earlier. */
  readonly returned: ReadonlySet<string>;
  /** They had lived for a while in the window and have no sample. */
  readonly silent: readonly string[];
}

/** A pod that lives this long without a sample was not missed between two scrapes. */
const silentMs = 600_000;

/** How the counters of a run were looked for. */
export interface CounterSearch {
  /** How far before a window. */
  lookbackMs: number;
  /** Whether a counter without a sample in there is new, unless its samples show a history. */
  isNew: boolean;
  /** Whether one of a container's counters may end while another one goes on. */
  isMixed: boolean;
}

/** Selects the pods of a window whose samples have to be read, or which need another rule. */
export function selectPods(
  { start, end }: Span,
  parts: PodParts,
  { lookbackMs, isNew, isMixed }: CounterSearch
): PodSelection {
  const at = end - 1;
  const [until, before, known] = [parts.until.at(at), parts.before.at(at), parts.completed.at(at)];
  const since = (start - 1 - endedAfterMs) / 1000;
  const completed = new Map([...known].filter(([, seconds]) => seconds > since));
  const starts = parts.started.at(at);
  const hadCgroup = parts.ofCgroup.until.at(at);
  const isSilent = (key: string) => {
    const to = Math.min(1000 * (known.get(key) ?? Infinity), end);
    const lived = to - 1000 * (starts.get(key) ?? 0);
    return !until.has(key) && !hadCgroup.has(key) && to > start && lived > silentMs;
  };
  const large = parts.large.at(at);
  const endedIn = (time: number) =>
    [...parts.ended.at(time).keys()].filter((key) => !parts.completion.at(time).has(key));
  const endedBefore = new Set(endedIn(start - 1));
  const first = [...until.keys()].filter((key) => !before.has(key));
  const wasThere = (key: string) =>
    large.has(key) || endedBefore.has(key) || 1000 * (starts.get(key) ?? Infinity) < start - lookbackMs;
  const isFar = lookbackMs >= maxLookbackMs;
  const returned = new Set(isFar ? [] : first.filter(wasThere));
  const endedByEnd = endedIn(at).filter((key) => until.has(key));
  return {
    endedByEnd,
    endedByStart: [...[...endedBefore].filter((key) => before.has(key)), ...returned],
    completed,
    completedWithSamples: [...completed.keys()].filter((key) => until.has(key) && starts.has(key)),
    bySamples: new Set([
      ...[...parts.reset.at(at).keys(), ...large.keys()].filter((key) => until.has(key)),
      ...(isMixed ? endedByEnd : []),
      ...(isNew ? returned : first),
    ]),
    returned,
    silent: [...parts.known.at(at).keys()].filter(isSilent),
  };
}

/** The pods whose samples are needed, with what the engine said their counters show. */
export function wantedIn(window: Span & PodSelection, parts: PodParts, lookbackMs: number): WantedSamples {
  const { start, end, endedByEnd, endedByStart, completedWithSamples, bySamples } = window;
  const [until, before] = [parts.until.at(end - 1), parts.before.at(end - 1)];
  const livedMs = lifeIn(window, parts, lookbackMs);
  const pods = new Map<string, WantedPod>();
  const add = (key: string, time: number, seconds = NaN) =>
    pods.set(key, { livedMs: livedMs(key), shown: [...(pods.get(key)?.shown ?? []), { time, seconds }] });
  const isBefore = (key: string) => before.has(key);
  new Set([...endedByEnd, ...completedWithSamples, ...bySamples]).forEach((key) => add(key, end - 1, until.get(key)));
  new Set([...endedByStart, ...bySamples].filter(isBefore)).forEach((key) => add(key, start - 1, before.get(key)));
  const others = [...until.keys()].filter((key) => !pods.has(key));
  return { pods, othersMs: exactSum(others.map(livedMs)) };
}

/** The pods whose samples from long before the window are needed. Nothing is known of what these show. */
export function returnedIn(window: Span & PodSelection, parts: PodParts, lookbackMs: number): WantedSamples {
  const livedMs = lifeIn(window, parts, lookbackMs);
  const pods = [...window.returned].map((key): [string, WantedPod] => [key, { livedMs: livedMs(key), shown: [] }]);
  return { pods: new Map(pods), othersMs: Infinity };
}

/** How long a pod may have lived within a window and the lookback, in ms. */
function lifeIn({ start, end }: Span, parts: PodParts, lookbackMs: number): (key: string) => number {
  const [starts, completed] = [parts.started.at(end - 1), parts.completed.at(end - 1)];
  return (key) => {
    const [began, ended] = [1000 * (starts.get(key) ?? 0), 1000 * (completed.get(key) ?? Infinity)];
    return Math.max(0, Math.min(end, ended) - Math.max(start - lookbackMs, began));
  };
}
