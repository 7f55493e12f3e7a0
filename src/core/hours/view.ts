import { clip, isEmpty, lengthOf, type Span, totalLength, unionOf } from '../domain/span';
import { type Doubt } from './attribution';

/** Hours used in one window, by service; `(unattributed)` where no service is known. */
export interface UsageWindow extends Span {
  hours: ReadonlyMap<string, number>;
  /** What else is known of GPU hours. */
  gpu?: GpuFindings;
}

/** What else is known of the GPU hours of a window. */
export interface GpuFindings {
  /** Whether kube-state-metrics exported phases of pods at the end of the window. */
  phases: boolean;
  /** Hours of pods whose labels do not name their service, by the reason and the service that they were given to. */
  doubted: Map<Doubt, Map<string, number>>;
  /** Those of the hours in which GPUs were busy for an unknown user, perhaps not for a service. */
  strayHours: number;
  /** Hours times units of resources that are shares of GPUs, by resource. They are no part of the hours. */
  shares: ReadonlyMap<string, number>;
  /** Busy hours of GPUs that several pods had at a time, and of slices of GPUs. */
  sharedHours: number;
  slicedHours: number;
  /** Busy hours that may count one GPU twice: the pod has as many, or more, of GPUs that are identified in another way. */
  twinHours: number;
  /** Pods with hours that may have gone on after one of their containers ended: their phase is not known. */
  unphasedPods: number;
}

export interface UsageView {
  windows: UsageWindow[];
  /** Windows that could not be read or for which the source has no data. */
  missing: Span[];
  /** True where all that is missing was not scraped. */
  unscraped?: boolean;
  /** What of the range was in memory. */
  remembered?: readonly Span[];
  notes: string[];
  /** Warnings of the engine, which mean that its answer may be partial. */
  warnings: string[];
  /** Reasons to doubt all hours of the view, whatever of it was read. */
  doubts?: string[];
  /** GPU hours of both kinds, where both are known: busy, and allocated to pods. */
  gpu?: Readonly<Record<GpuKind, Pick<UsageView, 'windows' | 'missing'>>>;
}

export type GpuKind = 'active' | 'allocated';

/** True when something is known of a window. */
export function isKnown(window: Span, missing: readonly Span[]): boolean {
  return isEmpty(window) || totalLength(unionOf(clip(missing, window))) < lengthOf(window);
}
