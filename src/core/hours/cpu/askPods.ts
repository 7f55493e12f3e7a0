import { concatMap, forkJoin, map, type Observable } from 'rxjs';

import { type CpuWindow, livesOfPods, podLabels, shownIn } from '../../expr/promqlCpu';
import { type PrometheusClient } from '../../upstream/prometheus';
import { evaluate } from '../evaluate';
import { maxLookbackMs } from '../scrapes/lookback';
import { type WindowRun } from '../windows';
import { askPodSamples } from './askSamples';
import { type PodFacts } from './podFacts';
import { planPods, rangeOf } from './podPlan';
import { returnedIn, wantedIn } from './podSelection';

/**
 * Asks the engine for what it knows of each pod in the windows of a run, and for the samples of those that ended, or have a
 * counter that was reset or is not new. Errors like the client, and when answers contradict each other.
 *
 * @param believeFirst whether counters that were not there before the window are new
 */
export function askPods(
  client: PrometheusClient,
  shape: CpuWindow,
  run: WindowRun,
  believeFirst: boolean
): Observable<PodFacts> {
  return forkJoin({
    shown: evaluate(client, shownIn(shape), withOneBefore(run)),
    lives: evaluate(client, livesOfPods(shape), withOneBefore(run)),
    labels: evaluate(client, podLabels(shape, rangeOf(shape)), run),
  }).pipe(
    concatMap(({ shown, lives, labels }) => {
      const answers = { shown: shown.series, lives: lives.series, labels: labels.series };
      const plan = planPods(answers, shape, run, believeFirst);
      const { windows, parts } = plan;
      const far = { ...shape, lookbackMs: maxLookbackMs };
      return forkJoin({
        near: askPodSamples(
          client,
          shape,
          run,
          windows.map((window) => wantedIn(window, parts, shape.lookbackMs))
        ),
        far: askPodSamples(
          client,
          far,
          run,
          windows.map((window) => returnedIn(window, parts, far.lookbackMs))
        ),
      }).pipe(map((samples) => ({ ...plan, samples })));
    })
  );
}

/** The windows of a run and the one before, at the end of which the first one starts. */
function withOneBefore({ first, lengthMs, count }: WindowRun): WindowRun {
  return { first: { start: first.start - lengthMs, end: first.end - lengthMs }, lengthMs, count: count + 1 };
}
