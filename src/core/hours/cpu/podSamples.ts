import { type Span } from '../../domain/span';
import { type Container, within } from './counters/containers';
import { podName } from './podValues';
import { covers, holds, type SampleBatch } from './sampleBatches';

/** A batch, and the containers of its pods, by key. */
export interface ReadBatch extends SampleBatch {
  containers: ReadonlyMap<string, Container[]>;
}

/** The containers of single pods, window by window of a run. */
export class PodSamples {
  constructor(
    private readonly batches: readonly ReadBatch[],
    private readonly windows: readonly Span[],
    private readonly lookbackMs: number
  ) {}

  /** The containers of the pod with a key in a window; none when it was not asked for. */
  of(key: string, window: number): Container[] {
    const batch = this.batches.find((one) => covers(one, window) && holds(one, podName(key)));
    return containersIn(batch?.containers.get(key), this.windows[window], this.lookbackMs);
  }
}

/** Containers with their samples in (start − lookback, end] of a window. */
export function containersIn(
  containers: readonly Container[] = [],
  { start, end }: Span = { start: 0, end: 0 },
  lookbackMs: number
): Container[] {
  return within(containers, (time) => time > start - 1 - lookbackMs && time <= end - 1);
}
