import { cgroupsOf, countersOfPod } from './cadvisor';
import { gaugesOfPod } from './kubeState';
import type { Node } from './nodes';
import type { Pod } from './pods';
import type { Service } from './services';
import { gpusOf } from './usage';

/** In seconds since the epoch; `from` inclusive, `to` exclusive. */
export interface Window {
  from: number;
  to: number;
}

/** Takes text in pieces of any size. */
export type Write = (text: string) => void;

export interface ScrapeIntervals {
  /** Seconds between two samples of the containers' counters. */
  containers: number;
  /** The same for kube-state-metrics, which a cluster can ask less often: its series hardly change. */
  objects: number;
}

/** Seconds after the full interval at which each target is scraped; see also `Node.phase`. */
const phases = { kubeState: 29, dcgm: 41 };

/** Labels of targets. */
export const kubeState = { job: 'kube-state-metrics', instance: 'ksm:8080' };
export const cadvisorOf = ({ name }: Node) => ({ job: 'kubernetes-cadvisor', instance: name });
const dcgmOf = ({ name }: Node) => ({ job: 'dcgm-exporter', instance: `${name}:9400` });

/** Writes a pod's samples window by window, in ascending order. */
export function createPodScraper(pod: Pod, intervals: ScrapeIntervals): (window: Window, write: Write) => void {
  const { name, node, service, start, end } = pod;
  const identity = { namespace: service.namespace, pod: name };
  const counters = countersOfPod(pod).map((counter) => ({
    ...counter,
    series: seriesText('container_cpu_usage_seconds_total', { ...cadvisorOf(node), ...identity, ...counter.labels }),
  }));
  const gauges = gaugesOfPod(pod, { labels: true, lifetimes: true }).map((gauge) => ({
    ...gauge,
    series: `${seriesText(gauge.metric, { ...kubeState, ...identity, ...gauge.labels })}${gauge.value} `,
  }));
  const gpuLabels = {
    ...dcgmOf(node),
    Hostname: node.name,
    // Each pod has a GPU of its own.
    UUID: `GPU-${name}`,
    ...identity,
    container: pod.containers[0]?.name ?? '',
    gpu: '0',
  };
  const gpuUse = seriesText('DCGM_FI_DEV_GPU_UTIL', gpuLabels);

  return (window, write) => {
    for (const { series, valueAt, ...life } of counters) {
      const scrapes = scrapeTimes(overlapOf(life, window), intervals.containers, node.phase);
      writeSeries(write, scrapes, (time) => `${series}${valueAt(time).toFixed(3)} `);
    }
    for (const { series, ...life } of gauges) {
      writeSeries(write, scrapeTimes(overlapOf(life, window), intervals.objects, phases.kubeState), () => series);
    }
    if (gpusOf(pod) > 0) {
      const scrapes = scrapeTimes(overlapOf({ from: start, to: end }, window), intervals.containers, phases.dcgm);
      // Between 35 and 94 percent, without any pattern that a daily report would show.
      writeSeries(write, scrapes, (time) => `${gpuUse}${35 + ((time * 7919) % 60)} `);
    }
  };
}

/** The ConfigMap that OSCAR keeps for every deployed service, also while it is scaled to zero. */
export function scrapeService(service: Service, intervals: ScrapeIntervals, window: Window, write: Write): void {
  const { name, namespace, createdAt, deletedAt } = service;
  const labels = { ...kubeState, namespace, configmap: name, label_oscar_service: name };
  const series = `${seriesText('kube_configmap_labels', labels)}1 `;
  const deployed = overlapOf({ from: createdAt / 1000, to: deletedAt / 1000 }, window);
  writeSeries(write, scrapeTimes(deployed, intervals.objects, phases.kubeState), () => series);
}

/** What a node's kubelet says beside the pods: that it was scraped, and the counters of the cgroups above the pods. */
export function scrapeNode(node: Node, intervals: ScrapeIntervals, window: Window, write: Write): void {
  const scrapes = scrapeTimes(overlapOf(node, window), intervals.containers, node.phase);
  const up = `${seriesText('up', cadvisorOf(node))}1 `;
  writeSeries(write, scrapes, () => up);
  cgroupsOf(node).forEach((id, index) => {
    const series = seriesText('container_cpu_usage_seconds_total', { ...cadvisorOf(node), id });
    writeSeries(write, scrapes, (time) => `${series}${((3 - index) * (time - node.from)).toFixed(3)} `);
  });
  const gpuUp = `${seriesText('up', dcgmOf(node))}1 `;
  writeSeries(write, scrapeTimes(overlapOf(node, window), intervals.containers, phases.dcgm), () => gpuUp);
}

/** That kube-state-metrics was scraped: always, here. */
export function scrapeKubeState(intervals: ScrapeIntervals, window: Window, write: Write): void {
  const series = `${seriesText('up', kubeState)}1 `;
  writeSeries(write, scrapeTimes(window, intervals.objects, phases.kubeState), () => series);
}

/** The moments `n × interval + phase` within the window, ascending. All in whole seconds. */
export function scrapeTimes({ from, to }: Window, interval: number, phase: number): number[] {
  const times: number[] = [];
  for (let time = Math.ceil((from - phase) / interval) * interval + phase; time < to; time += interval) {
    times.push(time);
  }
  return times;
}

/** A series in the text format, up to the space before its value. Values of labels are taken as they are. */
export function seriesText(metric: string, labels: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${value}"`);
  return `${metric}{${pairs.join(',')}} `;
}

function overlapOf(life: Window, window: Window): Window {
  return { from: Math.max(life.from, window.from), to: Math.min(life.to, window.to) };
}

function writeSeries(write: Write, times: readonly number[], text: (time: number) => string): void {
  const lines = times.map((time) => `${text(time)}${time}\n`);
  if (lines.length > 0) {
    write(lines.join(''));
  }
}
