import type { Pod } from './pods';
import type { Service } from './services';
import { createCpuCounter } from './usage';

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

/** Kubernetes keeps a finished job's pod for this time: long enough to be seen once at the slowest scrape interval. */
const finishedPodSeconds = 300;
/** Seconds after the full interval at which each target is scraped; the targets of a real cluster are spread, too. */
const phases = { cadvisor: 11, kubeState: 29, dcgm: 41 };
const cadvisor = 'job="kubernetes-cadvisor",instance="node-1"';
const kubeState = 'job="kube-state-metrics",instance="ksm:8080"';
const dcgm = 'job="dcgm-exporter",instance="node-1:9400"';

/** Last moment (exclusive, seconds since the epoch) at which Kubernetes knows of the pod. */
export function goneAt(pod: Pod): number {
  return pod.kind === 'job' ? pod.end + finishedPodSeconds : pod.end;
}

/**
 * Writes a pod's samples window by window, in ascending order. Counters are those of cAdvisor: one for each container,
 * and one with an empty container name for the cgroup of the whole pod, which is their sum. All begin at 0.
 */
export function createPodScraper(pod: Pod, intervals: ScrapeIntervals): (window: Window, write: Write) => void {
  const { name, service, start, end } = pod;
  const identity = `namespace="${service.namespace}",pod="${name}"`;
  const counters = pod.containers.map((container) => createCpuCounter(pod, container));
  const cpu = ['', ...pod.containers.map((container) => container.name)].map(
    (container) => `container_cpu_usage_seconds_total{${cadvisor},${identity},container="${container}"} `
  );
  const labels = `kube_pod_labels{${kubeState},${identity},label_oscar_service="${service.name}"} 1 `;
  const startTime = `kube_pod_start_time{${kubeState},${identity}} ${start} `;
  const completionTime = `kube_pod_completion_time{${kubeState},${identity}} ${end} `;
  const gpuIdentity = `${identity},container="${pod.containers[0]!.name}"`;
  const gpuRequest = `kube_pod_container_resource_requests{${kubeState},${gpuIdentity},node="node-1",resource="nvidia_com_gpu",unit="integer"} ${service.gpus} `;
  const gpuUse = `DCGM_FI_DEV_GPU_UTIL{${dcgm},${gpuIdentity},gpu="0"} `;

  return (window, write) => {
    const running = { from: Math.max(start, window.from), to: Math.min(end, window.to) };
    const known = { from: running.from, to: Math.min(goneAt(pod), window.to) };
    const scrapes = scrapeTimes(running, intervals.containers, phases.cadvisor);
    const uses = scrapes.map((time) => counters.map((counter) => counter(time)));
    cpu.forEach((series, index) => {
      const valueOf = (values: number[]) => (index === 0 ? sum(values) : values[index - 1]!);
      writeSeries(write, scrapes, (_, scrape) => `${series}${valueOf(uses[scrape]!).toFixed(3)} `);
    });
    const looks = scrapeTimes(known, intervals.objects, phases.kubeState);
    writeSeries(write, looks, () => labels);
    writeSeries(write, looks, () => startTime);
    if (pod.kind === 'job') {
      const finished = looks.filter((time) => time >= end);
      writeSeries(write, finished, () => completionTime);
    }
    if (service.gpus > 0) {
      writeSeries(write, looks, () => gpuRequest);
      const gpuScrapes = scrapeTimes(running, intervals.containers, phases.dcgm);
      // Between 35 and 94 percent, without any pattern that a daily report would show.
      writeSeries(write, gpuScrapes, (time) => `${gpuUse}${35 + ((time * 7919) % 60)} `);
    }
  };
}

/** The ConfigMap that OSCAR keeps for every deployed service, also while it is scaled to zero. */
export function scrapeService(service: Service, intervals: ScrapeIntervals, window: Window, write: Write): void {
  const { name, namespace, createdAt, deletedAt } = service;
  const series = `kube_configmap_labels{${kubeState},namespace="${namespace}",configmap="${name}",label_oscar_service="${name}"} 1 `;
  const deployed = { from: Math.max(window.from, createdAt / 1000), to: Math.min(window.to, deletedAt / 1000) };
  writeSeries(write, scrapeTimes(deployed, intervals.objects, phases.kubeState), () => series);
}

/** Whether each target could be scraped: always, here. */
export function scrapeTargets(intervals: ScrapeIntervals, window: Window, write: Write): void {
  const targets = [
    { labels: cadvisor, interval: intervals.containers, phase: phases.cadvisor },
    { labels: kubeState, interval: intervals.objects, phase: phases.kubeState },
    { labels: dcgm, interval: intervals.containers, phase: phases.dcgm },
  ];
  for (const { labels, interval, phase } of targets) {
    const series = `up{${labels}} 1 `;
    writeSeries(write, scrapeTimes(window, interval, phase), () => series);
  }
}

/** The moments `n × interval + phase` within the window, ascending. All in whole seconds. */
export function scrapeTimes({ from, to }: Window, interval: number, phase: number): number[] {
  const times: number[] = [];
  for (let time = Math.ceil((from - phase) / interval) * interval + phase; time < to; time += interval) {
    times.push(time);
  }
  return times;
}

function writeSeries(write: Write, times: readonly number[], text: (time: number, index: number) => string): void {
  let lines = '';
  times.forEach((time, index) => {
    lines += `${text(time, index)}${time}\n`;
  });
  if (lines !== '') {
    write(lines);
  }
}

function sum(values: readonly number[]): number {
  return values.reduce((left, right) => left + right, 0);
}
