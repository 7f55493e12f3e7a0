import { unattributedService } from '../../domain/serviceName';
import { exactSum, ExactSums } from '../../domain/sums';
import { labelDoubts } from '../labelDoubts';
import { type GpuFindings, type UsageView, type UsageWindow } from '../view';
import { counted } from '../wording';

/** Hours below which busy and allocated ones may differ by the times of their samples. */
const minHours = 0.1;

/** All hours of some windows. */
export function sumOf(windows: readonly UsageWindow[]): number {
  return exactSum(windows.flatMap(({ hours }) => [...hours.values()]));
}

/** A figure of all windows together. */
function found({ windows }: UsageView, value: (findings: GpuFindings) => number): number {
  return exactSum(windows.map(({ gpu }) => (gpu ? value(gpu) : 0)));
}

/** Hours in which GPUs were busy for an unknown user. */
export function strayHoursIn(active: UsageView): number {
  return found(active, ({ strayHours }) => strayHours);
}

/** True when shares of GPUs were allocated. */
export function hasShares(allocated: UsageView): boolean {
  return found(allocated, ({ shares }) => shares.size) > 0;
}

/** Why busy hours may not be those of services. */
export function busyDoubts(active: UsageView): string[] {
  const hours = strayHoursIn(active);
  return [
    ...(hours > 0
      ? [
          `GPUs were busy for ${hours.toFixed(2)} hours for which DCGM names no pod; they are ${unattributedService}, and may not ` +
            'belong to OSCAR at all: let the DCGM exporter name pods (DCGM_EXPORTER_KUBERNETES)',
        ]
      : []),
    ...serviceDoubts(active),
    ...deviceDoubts(active),
  ];
}

/** Sharing raises a doubt above this share of all busy hours: a pod that follows another one shares its GPU for a moment. */
const notableSharing = 0.05;

/** Doubts about GPUs that were not held by one pod as a whole, as DCGM shows. */
function deviceDoubts(active: UsageView): string[] {
  const [shared, sliced, twins] = [
    found(active, ({ sharedHours }) => sharedHours),
    found(active, ({ slicedHours }) => slicedHours),
    found(active, ({ twinHours }) => twinHours),
  ];
  const least = Math.max(minHours, notableSharing * sumOf(active.windows));
  return [
    ...(shared > least
      ? [
          `pods shared GPUs for ${shared.toFixed(2)} busy hours (DCGM): the hours of such a GPU are divided equally among them, while ` +
            'allocated hours count it for each of them',
        ]
      : []),
    ...(sliced > 0
      ? [
          `slices of GPUs (MIG) were busy for ${sliced.toFixed(2)} hours (DCGM): a GPU counts once, with the mean of the slices that ` +
            'pods used, regardless of their size',
        ]
      : []),
    ...(twins > minHours
      ? [
          `DCGM reports GPUs of some pods in several ways without a UUID, so ${twins.toFixed(2)} busy hours may count twice: ` +
            'keep the label UUID in all exporters and jobs',
        ]
      : []),
  ];
}

/** Why hours may have been given to the wrong services. */
function serviceDoubts({ windows }: UsageView): string[] {
  return labelDoubts(
    windows.map(({ hours, gpu }) => ({ hours, doubted: gpu?.doubted ?? new Map() })),
    'GPU'
  );
}

/** True when labels of some pods with hours are not known at all, perhaps because those of no pod are. */
export function hasUnknownPods(view: UsageView): boolean {
  return found(view, ({ doubted }) => doubted.get('unknown')?.size ?? 0) > 0;
}

/** The same view where labels of no pod at all are known. */
export function withoutAnyLabels(view: UsageView): UsageView {
  const renamed = (doubted: GpuFindings['doubted']) =>
    new Map([...doubted].map(([doubt, what]) => [doubt === 'unknown' ? 'no-labels' : doubt, what] as const));
  return {
    ...view,
    windows: view.windows.map((window) => ({
      ...window,
      ...(window.gpu && { gpu: { ...window.gpu, doubted: renamed(window.gpu.doubted) } }),
    })),
  };
}

/** What an operator should know about how long pods are taken to hold GPUs. */
export function allocationNotes({ windows }: UsageView): string[] {
  return windows.some(({ hours, gpu }) => hours.size > 0 && gpu?.phases === false)
    ? [
        'for part of the time kube-state-metrics exports no phases of pods (kube_pod_status_phase): a pod then counts until its containers ' +
          'end, and pods that failed or wait may count',
      ]
    : [];
}

/** Why allocated hours may not be all that services used. */
export function allocationDoubts(allocated: UsageView, active: UsageView): string[] {
  const shares = new ExactSums<string>();
  allocated.windows.forEach(({ gpu }) => gpu?.shares.forEach((value, resource) => shares.add(resource, value)));
  const named = [...shares.toMap()]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([one, value]) => `${one} (${value.toFixed(2)} h)`);
  const [held, used] = [allocated, active].map(({ windows }) => hoursByService(windows));
  const unasked = [...(used ?? [])]
    .filter(([service, hours]) => service !== unattributedService && hours > minHours && !held?.has(service))
    .map(([service, hours]) => `${service} (${hours.toFixed(2)} h)`);
  const unphased = found(allocated, ({ unphasedPods }) => unphasedPods);
  return [
    ...(named.length > 0 ? [`shares of GPUs were allocated; they do not count as GPU hours: ${named.join(', ')}`] : []),
    ...(unasked.length > 0
      ? [`services used GPUs without requesting one; this use is not counted: ${unasked.sort().join(', ')}`]
      : []),
    ...(unphased > 0
      ? [
          `containers of ${counted(unphased, 'pod')} ended, and without a phase it is not known whether the pods kept their GPUs; that ` +
            'time is not counted: let kube-state-metrics export kube_pod_status_phase',
        ]
      : []),
    ...serviceDoubts(allocated),
    ...deviceDoubts(active),
  ];
}

function hoursByService(windows: readonly UsageWindow[]): Map<string, number> {
  const sums = new ExactSums<string>();
  windows.forEach(({ hours }) => hours.forEach((value, service) => sums.add(service, value)));
  return sums.toMap();
}
