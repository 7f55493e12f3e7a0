import { concatMap, forkJoin, map, type Observable } from 'rxjs';

import { type Span } from '../../domain/span';
import { type CpuWindow, livesOfPods, mostAtFirst, partLabel, podLabels, usedByPod } from '../../expr/promqlCpu';
import { type PrometheusClient, type PromSeries } from '../../upstream/prometheus';
import { evaluate } from '../evaluate';
import { longestLookbackMs } from '../scrapes/scrapes';
import { addTo, secondsPerHour } from '../sums';
import { type WindowRun, windowsOf } from '../windows';
import { readPodSamples } from './askSamples';
import { type CompletedPod, type Completions, completionsOf } from './completedPods';
import { type Container } from './counters/containers';
import { countedInAll, expectedTails, hasUnknownTwins, lastAt } from './counters/containerUse';
import { ends, type Ends, returnedIn, type Told, wantedIn } from './podSelection';
import { PodServices } from './podServices';
import { PodValues, valuesOfPart } from './podValues';
import { addHours, type CpuWindowView, emptyWindow } from './window';

/** What was read of the windows of a run, in order. */
export interface CpuRun {
  windows: Array<{ view: CpuWindowView; completions: Completions }>;
  /** Counters without a pod, which are left to others. */
  hasPodless: boolean;
  /** Why hours may be too few. */
  warnings: string[];
}

/** Cores that no pod is believed to have used on average, of a counter whose beginning is not known. */
const mostCores = 32;

/**
 * Reads what pods used in the windows of a run, by service. The engine is asked for what it knows of each pod, and for the
 * samples of those that ended, or have a counter that was reset or not new; what follows from it is computed here: an
 * expression that joins all of it costs the engine several times as much. Errors like the client, and when answers contradict
 * each other.
 *
 * @param believeFirst whether counters that were not there before the window are new
 */
export function readCpuRun(
  client: PrometheusClient,
  shape: CpuWindow,
  run: WindowRun,
  believeFirst: boolean
): Observable<CpuRun> {
  const range = shape.windowMs + shape.lookbackMs;
  return forkJoin({
    used: evaluate(client, usedByPod(shape, mostAtFirst(shape, believeFirst)), run),
    lives: evaluate(client, livesOfPods(shape), withOneBefore(run)),
    labels: evaluate(client, podLabels(shape, range), run),
  }).pipe(
    concatMap(({ used, lives, labels }) => {
      const told: Told = {
        until: valuesOfPart(used.series, 'until'),
        before: valuesOfPart(used.series, 'before'),
        ofCgroup: { until: valuesOfPart(used.series, 'pod-until'), before: valuesOfPart(used.series, 'pod-before') },
        reset: valuesOfPart(used.series, 'reset'),
        history: valuesOfPart(used.series, 'history'),
        twins: valuesOfPart(used.series, 'twins'),
        ended: valuesOfPart(lives.series, 'ended'),
        completed: valuesOfPart(lives.series, 'completed'),
        started: startsIn(lives.series),
        known: valuesOfPart(lives.series, 'started'),
      };
      const hasPodless = hasPart(used.series, 'collapsed');
      // Where both kinds of counters occur, the labels were changed: a new counter may be an old one.
      const isNew = believeFirst && !(hasPodless && hasPart(used.series, 'until'));
      const most = mostAtFirst(shape, isNew);
      const looked = { lookbackMs: shape.lookbackMs, isNew, isMixed: shape.labelling.withoutId };
      const windows = windowsOf(run).map((window) => ({ ...window, ...ends(window, told, looked) }));
      const wanted = windows.map((window) => wantedIn(window, told, shape.lookbackMs));
      const far = { ...shape, lookbackMs: longestLookbackMs };
      const returned = windows.map((window) => returnedIn(window, told, far.lookbackMs));
      const services = new PodServices(labels.series);
      return forkJoin([readPodSamples(client, shape, run, wanted), readPodSamples(client, far, run, returned)]).pipe(
        map(([near, old]) => ({
          windows: windows.map((window, index) => {
            const samplesOf = (key: string) => (window.returned.has(key) ? old : near).of(key, index);
            const facts: Facts = { told, services, samplesOf };
            const since = (window.end - 1 - range) / 1000;
            return {
              view: {
                ...viewOf(window, facts, most),
                hasPodless: hasPart(used.series, 'collapsed', window.end - 1),
                hasNameless: !hasPodless && hasPart(used.series, 'nameless', window.end - 1),
              },
              completions: completionsOf(completedIn(window, facts), since),
            };
          }),
          hasPodless,
          warnings: oddCounters(used.series),
        }))
      );
    })
  );
}

/** What is known of the pods of a run. */
interface Facts {
  told: Told;
  services: PodServices;
  /** The containers of a pod in a window. */
  samplesOf: (key: string) => Container[];
}

/** The windows of a run and the one before, at the end of which the first one starts. */
function withOneBefore({ first, lengthMs, count }: WindowRun): WindowRun {
  return { first: { start: first.start - lengthMs, end: first.end - lengthMs }, lengthMs, count: count + 1 };
}

function hasPart(series: readonly PromSeries[], part: string, time?: number): boolean {
  return series.some(
    ({ labels, samples }) => labels[partLabel] === part && (time === undefined || samples.some(([at]) => at === time))
  );
}

/** Starts of pods, where they are told: a 1 says nothing but that there is a pod. */
function startsIn(series: readonly PromSeries[]): PodValues<number> {
  const starts = series.map((one) => ({ ...one, samples: one.samples.filter(([, value]) => value > 1) }));
  return valuesOfPart(starts, 'started');
}

/** What is no number is left out of the sums, which are then not whole. */
function oddCounters(series: readonly PromSeries[]): string[] {
  const odd = series.filter(({ samples }) => samples.some(([, value]) => !Number.isFinite(value))).length;
  return odd > 0 ? [`the counters of ${odd} ${odd === 1 ? 'pod' : 'pods'} have values that are not finite`] : [];
}

/**
 * CPU seconds that pods used up to the end of a window less what they used up to its start, so that adjacent windows add up
 * whatever their ends. A counter without a sample before the window began at 0 inside it.
 */
function viewOf(window: Span & Ends, { told, services, samplesOf }: Facts, most: number): CpuWindowView {
  const { start, end, byEnd, byStart, exact, silent } = window;
  const view = { ...emptyWindow(window), silentPods: silent.length };
  const [until, before] = [told.until.at(end - 1), told.before.at(end - 1)];
  const seconds = new Map(until);
  before.forEach((value, key) => addTo(seconds, key, -value));
  for (const key of exact) {
    const counted = countedInAll(samplesOf(key), { from: start - 1, to: end - 1, mostAtFirst: most });
    seconds.set(key, counted.seconds);
    view.withHistory += counted.hasHistory ? 1 : 0;
  }
  byEnd.forEach((key) => addTo(seconds, key, expectedTails(samplesOf(key), end - 1)));
  byStart.forEach((key) => addTo(seconds, key, -expectedTails(samplesOf(key), start - 1)));
  addCgroups(view, told, seconds);
  for (const [key, used] of seconds) {
    addHours(view, services.of(key, end - 1), used / secondsPerHour);
  }
  const ended = [...byEnd, ...window.sampled, ...exact].filter((key) => hasUnknownTwins(samplesOf(key)));
  view.twins = new Set([...ended, ...told.twins.at(end - 1).keys()]).size;
  return view;
}

/** Adds what the cgroups of pods tell of which there is no counter of a container. */
function addCgroups(view: CpuWindowView, { until, ofCgroup }: Told, seconds: Map<string, number>): void {
  const at = view.end - 1;
  const before = ofCgroup.before.at(at);
  const most = (mostCores * (view.end - view.start)) / 1000;
  for (const [key, shown] of ofCgroup.until.at(at)) {
    const used = Math.max(shown - (before.get(key) ?? 0), 0);
    // What a counter showed when it was first seen may be of long before.
    addTo(seconds, key, before.has(key) || used <= most ? used : 0);
    view.cgroupHours += used / secondsPerHour;
  }
  // What was used between the last sample of the cgroup and the first one of a container is not known.
  before.forEach((shown, key) => {
    view.cgroupHours += until.at(at).has(key) ? shown / secondsPerHour : 0;
  });
}

function completedIn({ end, completed }: Ends & Span, { told, services, samplesOf }: Facts): CompletedPod[] {
  const at = end - 1;
  const [until, starts] = [told.until.at(at), told.started.at(at)];
  const ofCgroup = told.ofCgroup.until.at(at);
  return [...completed].flatMap(([key, seconds]) => {
    const started = starts.get(key);
    if (started === undefined || ofCgroup.has(key)) {
      return [];
    }
    const last = until.has(key) ? lastAt(samplesOf(key), at) : undefined;
    const { service } = services.of(key, at);
    return [{ service, completed: seconds, started, last: last && { used: last.value, sampled: last.at / 1000 } }];
  });
}
