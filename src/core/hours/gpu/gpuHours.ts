import { agreedLabels, isOfNoService, nameSeveralServices, serviceOfPodLabels } from '../../domain/podLabels';
import { isImagePuller, serviceOfPod } from '../../domain/podName';
import { unattributedService } from '../../domain/serviceName';
import { type Span } from '../../domain/span';
import { exactSum, ExactSum, ExactSums } from '../../domain/sums';
import { partLabel } from '../../expr/promqlCpu';
import { isWholeGpu, sliceLabel, toldLabel, usersLabel } from '../../expr/promqlGpu';
import { podLabel, podOfLabels } from '../../expr/promqlPods';
import { type PromSeries } from '../../upstream/prometheus';
import { type Doubt } from '../attribution';
import { valueAt } from '../evaluate';
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
  const hours = new ExactSums<string>();
  const shares = new ExactSums<string>();
  const stray = new ExactSum();
  const doubted = new Map<Doubt, ExactSums<string>>();
  let unphasedPods = 0;
  const devices = new Map<string, Devices>();
  for (const { labels, value } of ofPart('hours').flatMap((one) => usableAt(one, at))) {
    const { [podLabel]: key = '', resource = '' } = labels;
    const { name, ofService } = podOfLabels(labels, servicesNamespace);
    if (isShare(resource)) {
      shares.add(resource, value);
    } else if (ofService) {
      const { service, doubt } = serviceOf(name, labelsOfPod.get(key));
      hours.add(service, value);
      addDoubted(doubted, doubt, service, value);
      addDevice(devices, key, labels, value);
    } else if (name === '' || targets.has(key)) {
      stray.add(value);
    }
    unphasedPods += value > 0 && unphased.delete(key) ? 1 : 0;
  }
  const strayHours = stray.value;
  if (strayHours > 0) {
    hours.add(unattributedService, strayHours);
  }
  return {
    hours: hours.toMap(),
    gpu: {
      ...noFindings(ofPart('phases').length > 0),
      ...sumsOf(devices),
      doubted: new Map([...doubted].map(([doubt, ofServices]) => [doubt, ofServices.toMap()])),
      strayHours,
      shares: shares.toMap(),
      unphasedPods,
    },
  };
}

/** GPU hours of a pod by what is known of its GPUs. */
interface Devices {
  shared: ExactSum;
  sliced: ExactSum;
  /** By how they are identified. A pod is on one host, where exporters that agree identify its GPUs in one way. */
  told: ExactSums<string>;
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
  const sum = (value: (one: Devices) => number) => exactSum(all.map(value));
  return {
    sharedHours: sum(({ shared }) => shared.value),
    slicedHours: sum(({ sliced }) => sliced.value),
    twinHours: sum(({ told }) => {
      const hours = [...told.toMap().values()];
      return exactSum([...hours, -Math.max(...hours)]);
    }),
  };
}

function addDevice(devices: Map<string, Devices>, pod: string, labels: Labels, value: number): void {
  const { [usersLabel]: users, [sliceLabel]: slice, [toldLabel]: told = '' } = labels;
  if (users === undefined) {
    return;
  }
  const of = devices.get(pod) ?? { shared: new ExactSum(), sliced: new ExactSum(), told: new ExactSums<string>() };
  devices.set(pod, of);
  of[slice ? 'sliced' : 'shared'].add(slice || Number(users) > 1 ? value : 0);
  of.told.add(told, value);
}

function addDoubted(
  doubted: Map<Doubt, ExactSums<string>>,
  doubt: Doubt | undefined,
  service: string,
  value: number
): void {
  if (doubt === undefined || value === 0) {
    return;
  }
  const ofServices = doubted.get(doubt) ?? new ExactSums<string>();
  doubted.set(doubt, ofServices.add(service, value));
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
