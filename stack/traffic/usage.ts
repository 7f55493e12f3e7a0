import { hourMs } from '../../src/core/domain/duration';
import { coresInHour, type Container, type Pod } from './pods';
import { unattributedService } from './truthFile';
import type { UsageFact } from './truthWriter';

/**
 * CPU seconds that a container has used since the pod's start, or since a restart of its own. To be asked for times
 * (seconds since the epoch) in ascending order: it continues from the last one, because a standing pod is asked thousands
 * of times.
 */
export function createCpuCounter(
  pod: Pick<Pod, 'kind' | 'start'>,
  container: Container,
  since = pod.start
): (time: number) => number {
  let accounted = since;
  let seconds = 0;
  return (time) => {
    while (accounted < time) {
      const hourStart = hourStartOf(accounted);
      const until = Math.min(time, (hourStart + hourMs) / 1000);
      seconds += coresInHour(pod, container, hourStart) * (until - accounted);
      accounted = until;
    }
    return seconds;
  };
}

/** True usage per hour, service and kind of pod, collected from the pods' whole lives and given out hour by hour. */
export interface UsageLedger {
  add(pod: Pod): void;
  /** Facts of the hours that begin before that time (milliseconds), in order of time; forgets them. */
  take(before: number): UsageFact[];
}

/** Counts nothing from `end` (milliseconds since the epoch) on. */
export function createUsageLedger(end: number): UsageLedger {
  const hours = new Map<number, Map<string, UsageFact>>();
  return {
    add(pod) {
      const last = Math.min(pod.end, end / 1000);
      for (let from = pod.start; from < last;) {
        const hourStart = hourStartOf(from);
        const until = Math.min(last, (hourStart + hourMs) / 1000);
        const cores = pod.containers.reduce((sum, container) => sum + coresInHour(pod, container, hourStart), 0);
        const fact = factOf(hours, hourStart, pod);
        fact.cpuSeconds += cores * (until - from);
        fact.gpuSeconds += gpusOf(pod) * (until - from);
        from = until;
      }
    },
    take(before) {
      const due = [...hours.keys()].filter((hourStart) => hourStart < before).sort((left, right) => left - right);
      return due.flatMap((hourStart) => {
        const facts = [...hours.get(hourStart)!.values()];
        hours.delete(hourStart);
        return facts;
      });
    },
  };
}

function factOf(hours: Map<number, Map<string, UsageFact>>, hourStart: number, { kind, service }: Pod): UsageFact {
  const facts = hours.get(hourStart) ?? new Map<string, UsageFact>();
  hours.set(hourStart, facts);
  // What fetches an image is there for the node, whoever asked for it.
  const name = kind === 'puller' ? unattributedService : service.name;
  const key = `${kind} ${name}`;
  const fact = facts.get(key) ?? { hourStart, service: name, kind, cpuSeconds: 0, gpuSeconds: 0 };
  facts.set(key, fact);
  return fact;
}

/** GPUs that a pod asks for: those of its service, if it does the service's work. */
export function gpusOf({ kind, service }: Pod): number {
  return kind === 'puller' ? 0 : service.gpus;
}

function hourStartOf(seconds: number): number {
  return Math.floor((seconds * 1000) / hourMs) * hourMs;
}
