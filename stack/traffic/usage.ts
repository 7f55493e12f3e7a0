import { hourMilliseconds } from './parameters';
import { coresInHour, type Container, type Pod } from './pods';
import type { UsageFact } from './truthWriter';

/**
 * CPU seconds that a container has used since its start. To be asked for times (seconds since the epoch) in ascending
 * order: it continues from the last one, because a deployment's pod is asked thousands of times.
 */
export function createCpuCounter(pod: Pod, container: Container): (time: number) => number {
  let accounted = pod.start;
  let seconds = 0;
  return (time) => {
    while (accounted < time) {
      const hourStart = hourStartOf(accounted);
      const until = Math.min(time, (hourStart + hourMilliseconds) / 1000);
      seconds += coresInHour(pod, container, hourStart) * (until - accounted);
      accounted = until;
    }
    return seconds;
  };
}

/** True usage per hour and service, collected from the pods' whole lives and given out hour by hour. */
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
        const until = Math.min(last, (hourStart + hourMilliseconds) / 1000);
        const cores = pod.containers.reduce((sum, container) => sum + coresInHour(pod, container, hourStart), 0);
        const fact = factOf(hours, hourStart, pod.service.name);
        fact.cpuSeconds += cores * (until - from);
        fact.gpuSeconds += pod.service.gpus * (until - from);
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

function factOf(hours: Map<number, Map<string, UsageFact>>, hourStart: number, service: string): UsageFact {
  const facts = hours.get(hourStart) ?? new Map<string, UsageFact>();
  hours.set(hourStart, facts);
  const fact = facts.get(service) ?? { hourStart, service, cpuSeconds: 0, gpuSeconds: 0 };
  facts.set(service, fact);
  return fact;
}

function hourStartOf(seconds: number): number {
  return Math.floor((seconds * 1000) / hourMilliseconds) * hourMilliseconds;
}
