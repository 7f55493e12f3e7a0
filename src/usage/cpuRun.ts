import { concatMap, forkJoin, map, type Observable } from 'rxjs';

import { type Span } from '../domain/span';
import { type CpuWindow, livesOfPods, partLabel, podLabels, usedByPod } from '../expr/promqlUsage';
import { type PrometheusClient, type PromSeries } from '../upstream/prometheus';
import { type CompletedPod, type Completions, completionsOf } from './completions';
import { halfAt, lastAt } from './containerUse';
import { addHours, type CpuWindowView, emptyWindow } from './cpuWindow';
import { evaluate } from './evaluate';
import { addTo, secondsPerHour } from './hours';
import { readPodSamples, type Samples, type Wanted, type WantedPod } from './podSamples';
import { PodServices } from './podServices';
import { type PodValues, valuesOfPart } from './podValues';
import { type WindowRun, windowsOf } from './windows';

/** What was read of the windows of a run, in order. */
export interface CpuRun {
  windows: Array<{ view: CpuWindowView; completions: Completions }>;
  hasPods: boolean;
  /** Counters without a pod, which are left to others. */
  hasCollapsed: boolean;
  /** Why hours may be too few. */
  warnings: string[];
}

/** What an engine tells of the pods of a run, each at the last ms of a window; see `usedByPod` and `livesOfPods`. */
interface Told {
  until: PodValues<number>;
  before: PodValues<number>;
  ended: PodValues<number>;
  completed: PodValues<number>;
  started: PodValues<number>;
  services: PodServices;
}

/**
 * Reads what pods used in the windows of a run, by service. The engine is asked for what it knows of each pod, and for the
 * samples of those that ended; what follows from it is reckoned here: an expression that joins all of it costs the
 * engine several times as much. Errors like the client, and when answers contradict each other.
 */
export function readCpuRun(client: PrometheusClient, shape: CpuWindow, run: WindowRun): Observable<CpuRun> {
  const range = shape.windowMs + shape.lookbackMs;
  return forkJoin({
    used: evaluate(client, usedByPod(shape), run),
    lives: evaluate(client, livesOfPods(shape), withOneBefore(run)),
    labels: evaluate(client, podLabels(shape.servicesNamespace, range), run),
  }).pipe(
    concatMap(({ used, lives, labels }) => {
      const told: Told = {
        until: valuesOfPart(used.series, 'until'),
        before: valuesOfPart(used.series, 'before'),
        ended: valuesOfPart(lives.series, 'ended'),
        completed: valuesOfPart(lives.series, 'completed'),
        started: valuesOfPart(lives.series, 'started'),
        services: new PodServices(labels.series),
      };
      const windows = windowsOf(run).map((window) => ({ ...window, ...endsIn(window, told) }));
      return readPodSamples(
        client,
        shape,
        run,
        windows.map((window) => wantedIn(window, told, shape.lookbackMs))
      ).pipe(
        map((samples) => ({
          windows: windows.map((window, index) => {
            const samplesOf = (key: string) => samples.of(key, index);
            const since = (window.end - 1 - range) / 1000;
            return {
              view: viewOf(window, told, samplesOf),
              completions: completionsOf(completedIn(window, told, samplesOf), since),
            };
          }),
          hasPods: hasPart(used.series, 'until'),
          hasCollapsed: hasPart(used.series, 'collapsed'),
          warnings: oddCounters(used.series),
        }))
      );
    })
  );
}

/** The windows of a run and the one before, at the end of which the first one starts. */
function withOneBefore({ first, lengthMs, count }: WindowRun): WindowRun {
  return { first: { start: first.start - lengthMs, end: first.end - lengthMs }, lengthMs, count: count + 1 };
}

function hasPart(series: readonly PromSeries[], part: string): boolean {
  return series.some(({ labels }) => labels[partLabel] === part);
}

/** What is no number is left out of the sums, which are then not whole. */
function oddCounters(series: readonly PromSeries[]): string[] {
  const odd = series.filter(({ samples }) => samples.some(([, value]) => !Number.isFinite(value))).length;
  return odd > 0 ? [`the counters of ${odd} pods are no numbers`] : [];
}

/** Keys of pods whose samples matter for a window. */
interface Ends {
  /** Of those a container had ended by the end of the window, or by its start, and no completion was known. */
  byEnd: string[];
  byStart: string[];
  /** Their completion became known, their start is known, and they have a sample. */
  sampled: string[];
}

function endsIn({ start, end }: Span, { until, before, ended, completed, started }: Told): Ends {
  const [atEnd, atStart] = [until.at(end - 1), before.at(end - 1)];
  return {
    byEnd: [...ended.at(end - 1).keys()].filter((key) => atEnd.has(key)),
    byStart: [...ended.at(start - 1).keys()].filter((key) => atStart.has(key)),
    sampled: [...completed.at(end - 1).keys()].filter((key) => atEnd.has(key) && started.at(end - 1).has(key)),
  };
}

/** The pods whose samples are needed, with what the engine said of their counters. */
function wantedIn({ start, end, byEnd, byStart, sampled }: Span & Ends, told: Told, lookbackMs: number): Wanted {
  const [until, before] = [told.until.at(end - 1), told.before.at(end - 1)];
  const [starts, completed] = [told.started.at(end - 1), told.completed.at(end - 1)];
  const livedMs = (key: string) => {
    const [began, ended] = [1000 * (starts.get(key) ?? 0), 1000 * (completed.get(key) ?? Infinity)];
    return Math.max(0, Math.min(end, ended) - Math.max(start - lookbackMs, began));
  };
  const pods = new Map<string, WantedPod>();
  const add = (key: string, time: number, seconds = NaN) =>
    pods.set(key, { livedMs: livedMs(key), shown: [...(pods.get(key)?.shown ?? []), { time, seconds }] });
  [...byEnd, ...sampled].forEach((key) => add(key, end - 1, until.get(key)));
  byStart.forEach((key) => add(key, start - 1, before.get(key)));
  const others = [...until.keys()].filter((key) => !pods.has(key));
  return { pods, othersMs: others.reduce((sum, key) => sum + livedMs(key), 0) };
}

type SamplesOf = (key: string) => Samples[];

/**
 * CPU seconds that pods used up to the end of a window less what they used up to its start, so that adjacent windows add up
 * whatever their ends. A counter without a sample before the window began at 0 inside it.
 */
function viewOf({ start, end, byEnd, byStart }: Span & Ends, told: Told, samplesOf: SamplesOf): CpuWindowView {
  const view = emptyWindow({ start, end });
  const [until, before] = [told.until.at(end - 1), told.before.at(end - 1)];
  const seconds = new Map(until);
  before.forEach((value, key) => addTo(seconds, key, -value));
  for (const key of byEnd) {
    addTo(seconds, key, halvesAt(end - 1, samplesOf(key)));
  }
  for (const key of byStart) {
    addTo(seconds, key, -halvesAt(start - 1, samplesOf(key)));
  }
  for (const [key, used] of seconds) {
    const { service, scheme } = told.services.of(key, end - 1);
    addHours(view, service, scheme, used / secondsPerHour);
  }
  return view;
}

function halvesAt(time: number, counters: readonly Samples[]): number {
  return counters.reduce((sum, samples) => sum + halfAt(samples, time), 0);
}

function completedIn({ end }: Span, told: Told, samplesOf: SamplesOf): CompletedPod[] {
  const at = end - 1;
  const [until, starts] = [told.until.at(at), told.started.at(at)];
  return [...told.completed.at(at)].flatMap(([key, completed]) => {
    const started = starts.get(key);
    if (started === undefined) {
      return [];
    }
    const used = until.get(key);
    const last = used === undefined ? undefined : lastAt(samplesOf(key), at);
    const { service } = told.services.of(key, at);
    return [{ service, completed, started, last: last && { used: last.value, sampled: last.at / 1000 } }];
  });
}
