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

/** What series say about pods, by evaluation time (ms) and key of the pod. */
export class PodValues<T> {
  private readonly byTime = new Map<number, Map<string, T>>();

  /** @param read what is kept of a finite value; where several series are about a pod, the first one counts. */
  constructor(series: readonly PromSeries[], read: (value: number, series: PromSeries) => T) {
    for (const one of series) {
      const key = podKey(one);
      for (const [time, value] of one.samples) {
        const values = this.byTime.get(time) ?? new Map<string, T>();
        this.byTime.set(time, values);
        if (Number.isFinite(value) && !values.has(key)) {
          values.set(key, read(value, one));
        }
      }
    }
  }

  /** True when there is no series at all, not even one of values that are not finite. */
  get isEmpty(): boolean {
    return this.byTime.size === 0;
  }

  at(time: number): ReadonlyMap<string, T> {
    return this.byTime.get(time) ?? none;
  }
}

/** The values of the series of one `oscar_part`. */
export function valuesOfPart(series: readonly PromSeries[], part: string): PodValues<number> {
  return new PodValues(
    series.filter(({ labels }) => labels[partLabel] === part),
    (value) => value
  );
}
