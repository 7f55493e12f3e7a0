import { createHash } from 'node:crypto';

import type { Node } from './nodes';
import type { Pod } from './pods';
import { createCpuCounter } from './usage';

/** A counter of cAdvisor, as Prometheus names it, for a part of a pod's life. Times are seconds since the epoch. */
export interface Counter {
  /** Labels of the container beside namespace and pod. */
  labels: Readonly<Record<string, string>>;
  /** Exposed in [from, to). */
  from: number;
  to: number;
  /** CPU seconds; to be asked for ascending times in [from, to). */
  valueAt(time: number): number;
}

/** CPU seconds of a sandbox, which does nothing once it stands. */
const sandboxSeconds = 0.043;

/**
 * The counters of one pod: that of its cgroup, without a container's name, which goes on over all restarts; one for each
 * start of each container, from 0; and that of the sandbox, where the container runtime names it.
 */
export function countersOfPod(pod: Pod): Counter[] {
  const { containers, start, end, node } = pod;
  const whole = containers.map((container) => createCpuCounter(pod, container));
  const life = { from: start, to: end };
  const starts = containers.flatMap((container) => {
    const births = [start, ...container.restarts];
    return births.map((from, index) => ({
      labels: { container: container.name, ...idOf(node, pod.name, `${container.name} ${index}`) },
      from,
      to: births[index + 1] ?? end,
      valueAt: createCpuCounter(pod, container, from),
    }));
  });
  const cgroup = {
    ...life,
    labels: { container: '', ...(node.hasIds && { id: groupOf(pod.name) }) },
    valueAt: (time: number) => whole.reduce((sum, counter) => sum + counter(time), 0),
  };
  const sandbox = { ...life, labels: { container: 'POD' }, valueAt: () => sandboxSeconds };
  return [cgroup, ...starts, ...(node.hasIds ? [] : [sandbox])];
}

/** Counters of a node's cgroups above its pods, which have neither namespace nor pod. */
export function cgroupsOf({ hasIds }: Node): string[] {
  return hasIds ? ['/', '/kubepods'] : [];
}

function idOf({ hasIds }: Node, pod: string, start: string): Record<string, string> {
  return hasIds ? { id: `${groupOf(pod)}/${digest(`${pod} ${start}`)}` } : {};
}

function groupOf(pod: string): string {
  const hex = digest(pod);
  const uid = [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join('-');
  return `/kubepods/burstable/pod${uid}`;
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
