import { type Span } from '../../domain/span';
import { ExactSum } from '../../domain/sums';
import { partLabel } from '../../expr/promqlCpu';
import { requests } from '../../expr/promqlGpu';
import { podLabel } from '../../expr/promqlPods';
import { counted, goesOnWithinMs, ofContainers, onNode, votes } from '../../expr/promqlPodStates';
import { type PromSeries } from '../../upstream/prometheus';
import { groupedBy } from '../grouped';
import { type SampledWindows } from '../template/sampled';
import { type MinuteValues, minutesOf, valueIn, windowAt } from './minutes';

/**
 * Hours for which pods were allocated what they requested, by the minute, as the `hours` of the template `allocatedGpu`
 * gives them, from samples (`PodSampleQuery`).
 */
export function allocatedFrom(series: readonly PromSeries[], { windows, lookBackMs }: SampledWindows): PromSeries[] {
  const pods = groupedBy(series, ({ labels }) => `${labels['namespace'] ?? ''}/${labels['pod'] ?? ''}`);
  return [...pods].flatMap(([pod, own]) => hoursOfPod(pod, own, windows, lookBackMs));
}

function hoursOfPod(
  pod: string,
  series: readonly PromSeries[],
  windows: readonly Span[],
  backMs: number
): PromSeries[] {
  const requested = series.filter(({ labels }) => labels['__name__'] === requests);
  const span = { start: windows[0]?.start ?? 0, end: windows[windows.length - 1]?.end ?? 0 };
  const last = (all: readonly PromSeries[]) => minutesOf(all.map(samplesOf), backMs, span);
  const later = (all: readonly PromSeries[]) => minutesOf(all.map(earlier), goesOnWithinMs, span);
  const free = votesOf(series, requested, { last, later });
  const resources = groupedBy(requested, ({ labels }) => labels['resource'] ?? '');
  return [...resources].map(([resource, ofResource]) => {
    const containers = groupedBy(
      ofResource,
      ({ labels }) => labels['exported_container'] || (labels['container'] ?? '')
    );
    const sums = windows.map((): { isHeld: boolean; sum: ExactSum } => ({ isHeld: false, sum: new ExactSum() }));
    for (const container of containers.values()) {
      const { first, values } = last(container);
      let window = 0;
      values.forEach((value, index) => {
        const own = sums[(window = windowAt(windows, first + index, window))];
        if (own && !Number.isNaN(value) && !free(first + index)) {
          own.isHeld = true;
          own.sum.add(value);
        }
      });
    }
    return {
      labels: { [partLabel]: 'hours', [podLabel]: pod, resource },
      samples: sums.flatMap(({ isHeld, sum }, index): Array<[number, number]> =>
        isHeld ? [[(windows[index]?.end ?? 0) - 1, sum.value / 60]] : []
      ),
    };
  });
}

/** Whether a pod holds nothing at a minute, by the votes of `podsWithout`. */
function votesOf(
  series: readonly PromSeries[],
  requested: readonly PromSeries[],
  { last, later }: Record<'last' | 'later', (all: readonly PromSeries[]) => MinuteValues>
): (minute: number) => boolean {
  const states = groupedBy(
    series.filter(({ labels }) => labels['__name__'] !== requests && labels['__name__'] !== ofContainers),
    ({ labels }) => stateOf(labels['phase'], labels['condition'])
  );
  const onNodes = requested.filter(({ labels }) => labels['node']);
  const counters = series.filter(({ labels }) => labels['__name__'] === ofContainers);
  const known = new Map([...states].map(([state, all]) => [state, last(all)]));
  known.set(stateOf(onNode), last(onNodes));
  known.set(stateOf(counted), later(counters));
  const heard = votes.flatMap(({ phase, condition, vote }) => {
    const minutes = known.get(stateOf(phase, condition));
    const isFlag = phase !== onNode && phase !== counted;
    return minutes ? [{ minutes, vote, isFlag }] : [];
  });
  return (minute) =>
    heard.reduce((sum, { minutes, vote, isFlag }) => {
      const value = valueIn(minutes, minute);
      return Number.isNaN(value) ? sum : sum + vote * (isFlag ? Math.min(value, 1) : 1);
    }, 0) > 0;
}

const samplesOf = ({ samples }: PromSeries) => samples;

/** Samples at the times from which on they lie ahead no further than counts. */
function earlier({ samples }: PromSeries): Array<[number, number]> {
  return samples.map(([time, value]) => [time - goesOnWithinMs, value]);
}

function stateOf(phase = '', condition = ''): string {
  return `${phase} ${condition}`;
}
