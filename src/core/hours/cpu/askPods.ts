import { concatMap, forkJoin, map, type Observable } from 'rxjs';

import { type CpuWindow, knownOfPods, shownIn } from '../../expr/promqlCpu';
import { type PrometheusClient } from '../../upstream/prometheus';
import { evaluate } from '../evaluate';
import { maxLookbackMs } from '../scrapes/lookback';
import { type WindowRun } from '../windows';
import { askPodSamples } from './askSamples';
import { type PodFacts } from './podFacts';
import { planPods } from './podPlan';
import { returnedIn, wantedIn } from './podSelection';

/**
 * Asks the engine for what it knows of each pod in the windows of a run, and for the samples of those that ended, or have a
 * counter that was reset or is not new. Errors like the client, and when answers contradict each other.
 *
 * @param oldUntil counters that appear after this are new; one that is there by then may have begun long before (ms since the epoch)
 */
export function askPods(
  client: PrometheusClient,
  shape: CpuWindow,
  run: WindowRun,
  oldUntil: number
): Observable<PodFacts> {
  return forkJoin({
    shown: evaluate(client, shownIn(shape), withOneBefore(run)),
    known: evaluate(client, knownOfPods(shape), withOneBefore(run)),
  }).pipe(
    concatMap(({ shown, known }) => {
      const answers = { shown: shown.series, known: known.series };
      const plan = planPods(answers, shape, run, oldUntil);
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
          windows.map((window) => returnedIn(window, parts, far.lookbackMs)),
          shape.lookbackMs
        ),
      }).pipe(map((samples) => ({ ...plan, samples })));
    })
  );
}

/** The windows of a run and the one before, at the end of which the first one starts. */
function withOneBefore({ first, lengthMs, count }: WindowRun): WindowRun {
  return { first: { start: first.start - lengthMs, end: first.end - lengthMs }, lengthMs, count: count + 1 };
}
