import { serviceOfPod } from '../domain/podName';
import { unattributedService } from '../domain/serviceName';
import { knownServiceLabel } from '../expr/promqlUsage';
import { type PromSeries } from '../upstream/prometheus';
import { type Scheme, valueAt } from './cpuWindow';
import { normalService } from './hours';
import { keyOf, SeriesOfPods } from './seriesOfPods';

/** Which services pods belong to, by answers to `podLabels` or else by their names. */
export class PodServices {
  private readonly known: SeriesOfPods;

  constructor(labels: readonly PromSeries[]) {
    this.known = new SeriesOfPods(labels);
  }

  /** The service of the pod that a series is about, in the window that is evaluated at a time (ms), and how it is known. */
  of(series: PromSeries, at: number): { service: string; scheme: Scheme } {
    const labelled = this.known.get(keyOf(series)).find((one) => valueAt(one, at) !== undefined);
    const label = labelled?.labels[knownServiceLabel];
    if (label !== undefined) {
      return { service: normalService(label), scheme: 'labels' };
    }
    const named = serviceOfPod(series.labels['pod'] ?? '');
    return named === undefined
      ? { service: unattributedService, scheme: 'none' }
      : { service: named, scheme: 'names' };
  }
}
