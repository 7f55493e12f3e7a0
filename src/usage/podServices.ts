import { serviceOfPod } from '../domain/podName';
import { unattributedService } from '../domain/serviceName';
import { knownServiceLabel } from '../expr/promqlUsage';
import { type PromSeries } from '../upstream/prometheus';
import { type Scheme } from './cpuWindow';
import { normalService } from './hours';
import { podName, PodValues } from './podValues';

/** Which services pods belong to, by answers to `podLabels` or else by their names. */
export class PodServices {
  private readonly known: PodValues<string>;

  constructor(labels: readonly PromSeries[]) {
    this.known = new PodValues(labels, (_, series) => series.labels[knownServiceLabel] ?? '');
  }

  /** The service of the pod with a key in the window that is evaluated at a time (ms), and how it is known. */
  of(key: string, at: number): { service: string; scheme: Scheme } {
    const label = this.known.at(at).get(key);
    if (label !== undefined) {
      return { service: normalService(label), scheme: 'labels' };
    }
    const named = serviceOfPod(podName(key));
    return named === undefined ? { service: unattributedService, scheme: 'none' } : { service: named, scheme: 'names' };
  }
}
