import { concatMap, forkJoin, map, type Observable, of } from 'rxjs';

import { type CpuWindow } from '../../expr/promqlCpu';
import { type PrometheusClient } from '../../upstream/prometheus';
import { type WindowRun } from '../windows';
import { askDays, type DayCompletions } from './askDays';
import { askPodless } from './askPodless';
import { askPods } from './askPods';
import { completionsIn } from './completedPods';
import { type CpuFacts } from './facts';

/** What shapes the questions about a run. */
export interface CpuQuestion {
  shape: CpuWindow;
  run: WindowRun;
  /** Counters that appear after this are new; one that is there by then may have begun long before. In ms since the epoch. */
  oldUntil: number;
  days: DayCompletions;
}

/**
 * Asks for all that CPU hours of the windows of a run are computed from (`compute.ts`): an expression that joins all of it
 * costs the engine several times as much. Errors like the client, and when answers contradict each other.
 */
export function askCpu(client: PrometheusClient, question: CpuQuestion): Observable<CpuFacts> {
  const { shape, run, oldUntil } = question;
  return askPods(client, shape, run, oldUntil).pipe(
    concatMap((pods) => {
      const completions = completionsIn(pods);
      return forkJoin({
        podless: pods.parts.podless.size > 0 ? askPodless(client, shape.servicesNamespace, run) : of([]),
        days: askDays(client, question, pods.windows, completions),
      }).pipe(map(({ podless, days }) => ({ pods, podless, completions, days })));
    })
  );
}
