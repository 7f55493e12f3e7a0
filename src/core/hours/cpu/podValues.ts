import { partLabel } from '../../expr/promqlCpu';
import { type PromSeries } from '../../upstream/prometheus';

/** What identifies a pod: its namespace and name. */
export function podKeyOf(labels: PromSeries['labels']): string {
  return JSON.stringify([labels['namespace'] ?? '', labels['pod'] ?? '']);
}

export function podKey({ labels }: PromSeries): string {
  return podKeyOf(labels);
}

/** The name of the pod with a key. */
export function podName(key: string): string {
  const [, name] = JSON.parse(key) as [string, string];
  return name;
}

const none: ReadonlyMap<string, never> = new Map<string, never>();

/** What is known about pods, by evaluation time (ms) and key of the pod. */
export class PodValues<T> {
  constructor(private readonly byTime: ReadonlyMap<number, ReadonlyMap<string, T>>) {}

  /** True when there is nothing about any pod. */
  get isEmpty(): boolean {
    return this.byTime.size === 0;
  }

  at(time: number): ReadonlyMap<string, T> {
    return this.byTime.get(time) ?? none;
  }
}

/** The finite values of series about pods; where several are about a pod, the first one counts. */
export function valuesOf(series: readonly PromSeries[]): PodValues<number> {
  const byTime = new Map<number, Map<string, number>>();
  for (const one of series) {
    const key = podKey(one);
    for (const [time, value] of one.samples) {
      const values = byTime.get(time) ?? new Map<string, number>();
      byTime.set(time, values);
      if (Number.isFinite(value) && !values.has(key)) {
        values.set(key, value);
      }
    }
  }
  return new PodValues(byTime);
}

/** The series of one `oscar_part`. */
export function ofPart(series: readonly PromSeries[], part: string): PromSeries[] {
  return series.filter(({ labels }) => labels[partLabel] === part);
}
