import { agreedLabels, isOfNoService, nameSeveralServices, serviceOfPodLabels } from '../../domain/podLabels';
import { isImagePuller, serviceOfPod } from '../../domain/podName';
import { unattributedService } from '../../domain/serviceName';
import { type PromSeries } from '../../upstream/prometheus';
import { type KnownService } from '../attribution';
import { podKey, podName } from './podValues';

type Labels = PromSeries['labels'];

/** Which services pods belong to, by answers to `podLabels` or else by their names. */
export class PodServices {
  private readonly known = new Map<number, Map<string, Labels[]>>();

  constructor(labels: readonly PromSeries[]) {
    for (const one of labels) {
      const key = podKey(one);
      for (const [time] of one.samples) {
        const pods = this.known.get(time) ?? new Map<string, Labels[]>();
        this.known.set(time, pods);
        pods.set(key, [...(pods.get(key) ?? []), one.labels]);
      }
    }
  }

  /** The service of the pod with a key in the window that is evaluated at a time (ms). */
  of(key: string, at: number): KnownService {
    const pods = this.known.get(at);
    const labels = pods?.get(key) ?? [];
    const service = serviceOfPodLabels(agreedLabels(labels));
    if (service !== undefined) {
      return { service, scheme: 'labels', ...(nameSeveralServices(labels) && { doubt: 'contradictory' }) };
    }
    const name = podName(key);
    if (labels.some(isOfNoService) || isImagePuller(name)) {
      return { service: unattributedService, scheme: 'system' };
    }
    const doubt = labels.length > 0 ? 'unlabelled' : pods === undefined ? 'no-labels' : 'unknown';
    const named = serviceOfPod(name);
    return named === undefined
      ? { service: unattributedService, scheme: 'none', doubt }
      : { service: named, scheme: 'names', doubt };
  }
}
