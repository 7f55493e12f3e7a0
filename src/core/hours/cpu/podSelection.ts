import { type Span } from '../../domain/span';
import { endedAfterMs } from '../../expr/promqlCpu';
import { longestLookbackMs } from '../scrapes/scrapes';
import { type Wanted, type WantedPod } from './askSamples';
import { type PodValues } from './podValues';

/** What an engine tells of the pods of a run, each at the last ms of a window; see `usedByPod` and `livesOfPods`. */
export interface Told {
  until: PodValues<number>;
  before: PodValues<number>;
  ofCgroup: Record<'until' | 'before', PodValues<number>>;
  reset: PodValues<number>;
  /** Pods with a counter that first appears with a history. */
  history: PodValues<number>;
  /** Pods with several counters of one container at a time. */
  twins: PodValues<number>;
  ended: PodValues<number>;
  completed: PodValues<number>;
  started: PodValues<number>;
  /** Pods that kube-state-metrics knows. */
  known: PodValues<number>;
}

/** Keys of pods of which more than the ends of a window matters. */
export interface Ends {
  /** Of those a container had ended by the end of the window, or by its start, and no completion was known. */
  byEnd: string[];
  byStart: string[];
  /** Their completion became known in the window; when it was, in seconds since the epoch. */
  completed: Map<string, number>;
  /** Of these, their start is known, and they have a sample. */
  sampled: string[];
  /** Only samples tell what their counters counted: some were reset, ended, or were there before the window. */
  exact: Set<string>;
  /** Of these, those that have no sample shortly before the window, but were there earlier. */
  returned: Set<string>;
  /** They had lived for a while in the window and have no sample. */
  silent: string[];
}

/** A pod that lives this long without a sample was not missed between two scrapes. */
const silentMs = 600_000;

/** How the counters of a run were looked for. */
export interface Looked {
  /** How far before a window. */
  lookbackMs: number;
  /** Whether a counter without a sample in there is new, unless the engine tells of its history. */
  isNew: boolean;
  /** Whether one of a container's counters may end while another one goes on. */
  isMixed: boolean;
}

export function ends({ start, end }: Span, told: Told, { lookbackMs, isNew, isMixed }: Looked): Ends {
  const at = end - 1;
  const [until, before, known] = [told.until.at(at), told.before.at(at), told.completed.at(at)];
  const since = (start - 1 - endedAfterMs) / 1000;
  const completed = new Map([...known].filter(([, seconds]) => seconds > since));
  const starts = told.started.at(at);
  const hadCgroup = told.ofCgroup.until.at(at);
  const isSilent = (key: string) => {
    const to = Math.min(1000 * (known.get(key) ?? Infinity), end);
    const lived = to - 1000 * (starts.get(key) ?? 0);
    return !until.has(key) && !hadCgroup.has(key) && to > start && lived > silentMs;
  };
  const [history, endedBefore] = [told.history.at(at), told.ended.at(start - 1)];
  const first = [...until.keys()].filter((key) => !before.has(key));
  const wasThere = (key: string) =>
    history.has(key) || endedBefore.has(key) || 1000 * (starts.get(key) ?? Infinity) < start - lookbackMs;
  const isFar = lookbackMs >= longestLookbackMs;
  const returned = new Set(isFar ? [] : first.filter(wasThere));
  const byEnd = [...told.ended.at(at).keys()].filter((key) => until.has(key));
  return {
    byEnd,
    byStart: [...[...endedBefore.keys()].filter((key) => before.has(key)), ...returned],
    completed,
    sampled: [...completed.keys()].filter((key) => until.has(key) && starts.has(key)),
    exact: new Set([
      ...[...told.reset.at(at).keys(), ...history.keys()].filter((key) => until.has(key)),
      ...(isMixed ? byEnd : []),
      ...(isNew ? returned : first),
    ]),
    returned,
    silent: [...told.known.at(at).keys()].filter(isSilent),
  };
}

/** The pods whose samples are needed, with what the engine said of their counters. */
export function wantedIn(window: Span & Ends, told: Told, lookbackMs: number): Wanted {
  const { start, end, byEnd, byStart, sampled, exact } = window;
  const [until, before] = [told.until.at(end - 1), told.before.at(end - 1)];
  const livedMs = lifeIn(window, told, lookbackMs);
  const pods = new Map<string, WantedPod>();
  const add = (key: string, time: number, seconds = NaN) =>
    pods.set(key, { livedMs: livedMs(key), shown: [...(pods.get(key)?.shown ?? []), { time, seconds }] });
  const isBefore = (key: string) => before.has(key);
  new Set([...byEnd, ...sampled, ...exact]).forEach((key) => add(key, end - 1, until.get(key)));
  new Set([...byStart, ...exact].filter(isBefore)).forEach((key) => add(key, start - 1, before.get(key)));
  const others = [...until.keys()].filter((key) => !pods.has(key));
  return { pods, othersMs: others.reduce((sum, key) => sum + livedMs(key), 0) };
}

/** The pods whose samples of long before the window are needed. Nothing is known of what these show. */
export function returnedIn(window: Span & Ends, told: Told, lookbackMs: number): Wanted {
  const livedMs = lifeIn(window, told, lookbackMs);
  const pods = [...window.returned].map((key): [string, WantedPod] => [key, { livedMs: livedMs(key), shown: [] }]);
  return { pods: new Map(pods), othersMs: Infinity };
}

/** How long a pod may have lived within a window and the lookback, in ms. */
function lifeIn({ start, end }: Span, told: Told, lookbackMs: number): (key: string) => number {
  const [starts, completed] = [told.started.at(end - 1), told.completed.at(end - 1)];
  return (key) => {
    const [began, ended] = [1000 * (starts.get(key) ?? 0), 1000 * (completed.get(key) ?? Infinity)];
    return Math.max(0, Math.min(end, ended) - Math.max(start - lookbackMs, began));
  };
}
