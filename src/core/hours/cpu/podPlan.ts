import { type Span } from '../../domain/span';
import { type CpuWindow, mostAtFirst } from '../../expr/promqlCpu';
import { type PromSeries } from '../../upstream/prometheus';
import { type WindowRun, windowsOf } from '../windows';
import { type PodParts, podParts } from './podParts';
import { type PodSelection, selectPods } from './podSelection';
import { PodServices } from './podServices';
import { ofPart } from './podValues';

/** What is known of the pods of a run before any samples were read. */
export interface PodPlan {
  /** In order of time. */
  readonly windows: ReadonlyArray<Span & PodSelection>;
  readonly parts: PodParts;
  readonly services: PodServices;
  /** How far before the end of a window pods were looked for, in ms. */
  readonly rangeMs: number;
  /** CPU seconds that a counter may show when it is first seen and still have begun at 0 since the last scrape. */
  readonly maxAtFirst: number;
  /** A counter that is first seen at or before this may have begun long before, whatever it shows (ms since the epoch). */
  readonly oldUntil: number;
}

/** What answers to the two questions about a run say, and of which pods the samples are needed. */
export function planPods(
  { shown, known }: Record<'shown' | 'known', readonly PromSeries[]>,
  shape: CpuWindow,
  run: WindowRun,
  oldUntil: number
): PodPlan {
  const believeFirst = oldUntil === -Infinity;
  const parts = podParts(shown, known, shape, { first: run.first.end - 1, most: mostAtFirst(shape, believeFirst) });
  // Where both kinds of counters occur, the labels were changed: a new counter may be an old one.
  const hasNewLabels = parts.podless.size > 0 && !parts.until.isEmpty;
  const search = {
    lookbackMs: shape.lookbackMs,
    isNew: believeFirst && !hasNewLabels,
    isMixed: shape.labelling.withoutId,
  };
  return {
    windows: windowsOf(run).map((window) => ({ ...window, ...selectPods(window, parts, search) })),
    parts,
    services: new PodServices(ofPart(known, 'labels')),
    rangeMs: rangeOf(shape),
    maxAtFirst: mostAtFirst(shape, !hasNewLabels),
    oldUntil,
  };
}

/** How far before the end of a window pods are looked for, in ms. */
function rangeOf({ windowMs, lookbackMs }: CpuWindow): number {
  return windowMs + lookbackMs;
}
