import { type PodKind } from '../traffic/podKinds';
import { type Pod } from '../traffic/pods';
import { unattributedService } from '../traffic/truthFile';
import { createCpuCounter } from '../traffic/usage';

/** Seconds since the epoch, half-open. */
export interface Seconds {
  from: number;
  to: number;
}

/** CPU hours that were truly used, by service; what belongs to none under `(unattributed)`. */
export function trueHours(pods: readonly Pod[], span: Seconds): Map<string, number> {
  const hours = new Map<string, number>();
  for (const pod of pods) {
    const service = serviceKeyOf(pod);
    const used = hoursOfPod(pod, span);
    if (used > 0) {
      hours.set(service, (hours.get(service) ?? 0) + used);
    }
  }
  return hours;
}

/** CPU hours that a pod used within a span. */
function hoursOfPod(pod: Pod, { from, to }: Seconds): number {
  const lived = { from: Math.max(pod.start, from), to: Math.min(pod.end, to) };
  if (lived.to <= lived.from) {
    return 0;
  }
  return (
    pod.containers.reduce((sum, container) => sum + createCpuCounter(pod, container, lived.from)(lived.to), 0) / 3600
  );
}

/** The kind of each service's pods, which are all of one kind here. */
export function kindsOfServices(pods: readonly Pod[]): Map<string, PodKind> {
  return new Map(pods.map((pod) => [serviceKeyOf(pod), pod.kind]));
}

function serviceKeyOf({ kind, service }: Pod): string {
  return kind === 'puller' ? unattributedService : service.name;
}
