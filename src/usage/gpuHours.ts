import { agreedLabels, serviceOfPodLabels } from '../domain/podLabels';
import { serviceOfPod } from '../domain/podName';
import { unattributedService } from '../domain/serviceName';
import { type Span } from '../domain/span';
import { isWholeGpu } from '../expr/promqlGpu';
import { podLabel, podOfLabels } from '../expr/promqlPods';
import { partLabel } from '../expr/promqlUsage';
import { type PromSeries } from '../upstream/prometheus';
import { valueAt } from './cpuWindow';
import { addTo } from './hours';
import { type UsageWindow } from './usageView';

/**
 * The hours that an answer to a `PodQuery` tells of the window that is evaluated at a time (ms), by service. Pods of other
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
  const hours = new Map<string, number>();
  const shares = new Map<string, number>();
  let strayHours = 0;
  for (const { labels, value } of ofPart('hours').flatMap((one) => usableAt(one, at))) {
    const { [podLabel]: key = '', resource = '' } = labels;
    const { name, ofService } = podOfLabels(labels, servicesNamespace);
    if (isShare(resource)) {
      addTo(shares, resource, value);
    } else if (ofService) {
      addTo(hours, serviceOf(name, labelsOfPod.get(key)), value);
    } else if (name === '' || targets.has(key)) {
      strayHours += value;
    }
  }
  if (strayHours > 0) {
    addTo(hours, unattributedService, strayHours);
  }
  return { hours, ...(strayHours > 0 && { strayHours }), ...(shares.size > 0 && { shares }) };
}

function isShare(resource: string): boolean {
  return resource !== '' && !isWholeGpu(resource);
}

function serviceOf(pod: string, known: ReadonlyArray<PromSeries['labels']> = []): string {
  return serviceOfPodLabels(agreedLabels(known)) ?? serviceOfPod(pod) ?? unattributedService;
}

/** The value of a series at a time (ms), if it is a number of hours. */
function usableAt(series: PromSeries, at: number): Array<{ labels: PromSeries['labels']; value: number }> {
  const value = valueAt(series, at);
  return value !== undefined && Number.isFinite(value) && value >= 0 ? [{ labels: series.labels, value }] : [];
}

/** What each of several exporters knows of a pod, by pod. */
function labelsByPod(series: readonly PromSeries[]): Map<string, Array<PromSeries['labels']>> {
  const byPod = new Map<string, Array<PromSeries['labels']>>();
  for (const { labels } of series) {
    const key = labels[podLabel] ?? '';
    byPod.set(key, [...(byPod.get(key) ?? []), labels]);
  }
  return byPod;
}
