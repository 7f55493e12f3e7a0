import { type PromSeries } from '../upstream/prometheus';
import { valueAt } from './cpuWindow';

/** What tells the pod of a series from all others. */
export function keyOf({ labels }: PromSeries): string {
  return JSON.stringify([labels['namespace'] ?? '', labels['pod'] ?? '']);
}

/** Series by the pod that they are about. */
export class SeriesOfPods {
  private readonly byPod = new Map<string, PromSeries[]>();

  constructor(series: readonly PromSeries[]) {
    for (const one of series) {
      const key = keyOf(one);
      const known = this.byPod.get(key);
      if (known) {
        known.push(one);
      } else {
        this.byPod.set(key, [one]);
      }
    }
  }

  /** Series of the pod with this key. */
  get(key: string): readonly PromSeries[] {
    return this.byPod.get(key) ?? [];
  }

  /** The first finite value that a series of the pod has at a time, in ms. */
  valueAt(key: string, time: number): number | undefined {
    for (const one of this.get(key)) {
      const value = valueAt(one, time);
      if (value !== undefined && Number.isFinite(value)) {
        return value;
      }
    }
    return undefined;
  }
}
