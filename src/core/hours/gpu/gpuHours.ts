import { agreedLabels, isOfNoService, nameSeveralServices, serviceOfPodLabels } from '../../domain/podLabels';
import { isImagePuller, serviceOfPod } from '../../domain/podName';
import { unattributedService } from '../../domain/serviceName';
import { type Span } from '../../domain/span';
import { partLabel } from '../../expr/promqlCpu';
import { isWholeGpu, sliceLabel, toldLabel, usersLabel } from '../../expr/promqlGpu';
import { podLabel, podOfLabels } from '../../expr/promqlPods';
import { type PromSeries } from '../../upstream/prometheus';
import { type Doubt } from '../attribution';
import { valueAt } from '../evaluate';
import { addTo } from '../sums';
import { type GpuFindings, type UsageWindow } from '../view';

type Labels = PromSeries['labels'];

/**
 * The hours of the window that is evaluated at a time (ms), by service, from an answer to a `PodQuery`. Pods of other
 * namespaces are left out. GPUs that were busy without a known pod, or for a pod that is the exporter, are `(unattributed)`.
 */
export function gpuHoursAt(
  series: readonly PromSeries[],
  at: number,
  servicesNamespace: string
): Omit<UsageWindow, keyof Span> {
  const there = series.filter((one) => valueAt(one, at) !== undefined);
  const ofPart = (part: string) => there.filter(({ labels }) => labels[partLabel] === part);
  const labelsOfPod = labelsByPod(ofPart('labels'));
  const targets = new Set(ofPart('targets').map(({ labels }) => labels[podLabel]));
  const unphased = new Set(ofPart('unphased').map(({ labels }) => labels[podLabel]));
  const hours = new Map<string, number>();
  const gpu = noFindings(ofPart('phases').length > 0);
  const devices = new Map<string, Devices>();
  for (const { labels, value } of ofPart('hours').flatMap((one) => usableAt(one, at))) {
    const { [podLabel]: key = '', resource = '' } = labels;
    const { name, ofService } = podOfLabels(labels, servicesNamespace);
    if (isShare(resource)) {
      addTo(gpu.shares, resource, value);
    } else if (ofService) {
      const { service, doubt } = serviceOf(name, labelsOfPod.get(key));
      addTo(hours, service, value);
      addDoubted(gpu, doubt, service, value);
      addDevice(devices, key, labels, value);
    } else if (name === '' || targets.has(key)) {
      gpu.strayHours += value;
    }
    gpu.unphasedPods += value > 0 && unphased.delete(key) ? 1 : 0;
  }
  if (gpu.strayHours > 0) {
    addTo(hours, unattributedService, gpu.strayHours);
  }
  return { hours, gpu: { ...gpu, ...sumsOf(devices) } };
}

/** GPU hours of a pod by what is known of its GPUs. */
interface Devices {
  shared: number;
  sliced: number;
  /** By how they are identified. A pod is on one host, where exporters that agree identify its GPUs in one way. */
  told: Map<string, number>;
}

/** Of a window without anything unusual. `phases`: whether those of pods are known. */
export function noFindings(phases: boolean): GpuFindings & { shares: Map<string, number> } {
  return {
    phases,
    doubted: new Map(),
    strayHours: 0,
    shares: new Map(),
    sharedHours: 0,
    slicedHours: 0,
    twinHours: 0,
    unphasedPods: 0,
  };
}

function sumsOf(devices: ReadonlyMap<string, Devices>): Pick<GpuFindings, 'sharedHours' | 'slicedHours' | 'twinHours'> {
  const all = [...devices.values()];
  const sum = (value: (one: Devices) => number) => all.reduce((total, one) => total + value(one), 0);
  return {
    sharedHours: sum(({ shared }) => shared),
    slicedHours: sum(({ sliced }) => sliced),
    twinHours: sum(({ told }) => {
      const hours = [...told.values()];
      return hours.reduce((total, value) => total + value, 0) - Math.max(...hours);
    }),
  };
}

function addDevice(devices: Map<string, Devices>, pod: string, labels: Labels, value: number): void {
  const { [usersLabel]: users, [sliceLabel]: slice, [toldLabel]: told = '' } = labels;
  if (users === undefined) {
    return;
  }
  const of = devices.get(pod) ?? { shared: 0, sliced: 0, told: new Map<string, number>() };
  devices.set(pod, of);
  of[slice ? 'sliced' : 'shared'] += slice || Number(users) > 1 ? value : 0;
  addTo(of.told, told, value);
}

function addDoubted({ doubted }: GpuFindings, doubt: Doubt | undefined, service: string, value: number): void {
  if (doubt === undefined || value === 0) {
    return;
  }
  const ofServices = doubted.get(doubt) ?? new Map<string, number>();
  doubted.set(doubt, ofServices);
  addTo(ofServices, service, value);
}

function isShare(resource: string): boolean {
  return resource !== '' && !isWholeGpu(resource);
}

/** The service of a pod, and why it is not known by labels. Whether other pods have some is not known here. */
function serviceOf(pod: string, known: readonly Labels[] = []): { service: string; doubt?: Doubt } {
  const labelled = serviceOfPodLabels(agreedLabels(known));
  if (labelled !== undefined) {
    return { service: labelled, ...(nameSeveralServices(known) && { doubt: 'contradictory' }) };
  }
  if (known.some(isOfNoService) || isImagePuller(pod)) {
    return { service: unattributedService };
  }
  return { service: serviceOfPod(pod) ?? unattributedService, doubt: known.length > 0 ? 'unlabelled' : 'unknown' };
}

/** The value of a series at a time (ms), if it is finite and not negative, divided among the users of the GPUs. */
function usableAt(series: PromSeries, at: number): Array<{ labels: Labels; value: number }> {
  const value = valueAt(series, at);
  const users = Number(series.labels[usersLabel] ?? 1);
  return value !== undefined && Number.isFinite(value) && value >= 0
    ? [{ labels: series.labels, value: value / users }]
    : [];
}

/** What each of several exporters knows of a pod, by pod. */
function labelsByPod(series: readonly PromSeries[]): Map<string, Labels[]> {
  const byPod = new Map<string, Labels[]>();
  for (const { labels } of series) {
    const key = labels[podLabel] ?? '';
    byPod.set(key, [...(byPod.get(key) ?? []), labels]);
  }
  return byPod;
}
