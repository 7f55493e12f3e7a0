/** One container of a pod. Times are seconds since the epoch. */
export interface LivingContainer {
  name: string;
  /** Mean use in cores. */
  cores: number;
  /** True when its use follows the day; else it is the same at any time. */
  hasRhythm: boolean;
  /** Moments at which the container is restarted and its counter begins at 0 again, ascending. */
  restarts: readonly number[];
}

/** A pod of known consumption. Times are whole seconds since the epoch. */
export interface Life {
  pod: string;
  service: string;
  /** `job` pods report their completion and stay known for a while; the others vanish when they end. */
  kind: 'job' | 'knative' | 'deployment';
  node: string;
  start: number;
  /** Exclusive; may lie after everything that is asked for. */
  end: number;
  containers: readonly LivingContainer[];
}

/** Seconds since the epoch, half-open. */
export interface Seconds {
  from: number;
  to: number;
}

const daySeconds = 86_400;

/** CPU seconds that a container uses between two moments of its life. */
export function cpuSeconds({ cores, hasRhythm }: LivingContainer, { from, to }: Seconds): number {
  const steady = cores * (to - from);
  if (!hasRhythm) {
    return steady;
  }
  const angle = (time: number) => (2 * Math.PI * time) / daySeconds;
  return steady + ((cores * 0.6 * daySeconds) / (2 * Math.PI)) * (Math.cos(angle(from)) - Math.cos(angle(to)));
}

/** What cAdvisor's counter of the container shows at a moment of the pod's life. */
export function counterAt(life: Life, container: LivingContainer, time: number): number {
  const born = container.restarts.filter((restart) => restart <= time).pop() ?? life.start;
  return cpuSeconds(container, { from: born, to: time });
}

/** CPU hours that were truly used, by service. */
export function trueHours(lives: readonly Life[], { from, to }: Seconds): Map<string, number> {
  const hours = new Map<string, number>();
  for (const life of lives) {
    const lived = { from: Math.max(life.start, from), to: Math.min(life.end, to) };
    if (lived.to > lived.from) {
      const used = life.containers.reduce((sum, container) => sum + cpuSeconds(container, lived), 0);
      hours.set(life.service, (hours.get(life.service) ?? 0) + used / 3600);
    }
  }
  return hours;
}
