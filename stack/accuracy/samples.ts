import { closeSync, openSync, writeSync } from 'node:fs';

import { type Write, scrapeTimes } from '../traffic/openMetrics';
import { counterAt, type Life } from './lives';
import { type Scenario } from './scenario';

/** How a cluster labels what its containers used, and how much its kube-state-metrics tells. */
export interface Scheme {
  /** The namespace that holds the pods, by which the schemes are told apart in one Prometheus. */
  namespace: string;
  /** OSCAR's own relabelling, which replaces the pod by a label `service` that is cut from its name. */
  relabelled: boolean;
  labels: boolean;
  lifetimes: boolean;
}

/** Kubernetes keeps a finished job's pod for a while. */
const finishedPodSeconds = 300;
const phases: Readonly<Record<string, number>> = { 'node-1': 11, 'node-2': 23 };
const kubeState = 'job="kube-state-metrics",instance="ksm:8080"';

/** Writes what Prometheus would have scraped, in the OpenMetrics text format, for all schemes. */
export function writeSamples(
  file: string,
  scenario: Scenario,
  scrapeSeconds: number,
  schemes: readonly Scheme[]
): void {
  const descriptor = openSync(file, 'w');
  try {
    let pending = '';
    const write: Write = (text) => {
      pending += text;
      if (pending.length > 1_000_000) {
        writeSync(descriptor, pending);
        pending = '';
      }
    };
    for (const scheme of schemes) {
      writeContainers(scenario, scrapeSeconds, scheme, write);
      scenario.lives.forEach((life) => writeObjects(life, scenario, scrapeSeconds, scheme, write));
    }
    writeTargets(scenario, scrapeSeconds, write);
    write('# EOF\n');
    writeSync(descriptor, pending);
  } finally {
    closeSync(descriptor);
  }
}

/** Times at which a target is scraped while something lives, without those in a gap. */
function timesIn(
  { sampled, gaps }: Scenario,
  { from, to }: { from: number; to: number },
  every: number,
  phase: number
) {
  return scrapeTimes({ from: Math.max(from, sampled.from), to: Math.min(to, sampled.to) }, every, phase).filter(
    (time) => !gaps.some((gap) => time >= gap.from && time < gap.to)
  );
}

function writeContainers(scenario: Scenario, scrapeSeconds: number, scheme: Scheme, write: Write): void {
  // Of several samples of one series at one time Prometheus keeps the first one.
  const lines = new Map<string, Map<number, string>>();
  const inOrder = [...scenario.lives].sort((a, b) => (a.pod < b.pod ? -1 : 1));
  for (const life of inOrder) {
    const times = timesIn(scenario, { from: life.start, to: life.end }, scrapeSeconds, phases[life.node]!);
    const cgroup = { name: '', valueAt: (time: number) => sumOf(life, time) };
    const counters = life.containers.map((container) => ({
      name: container.name,
      valueAt: (time: number) => counterAt(life, container, time),
    }));
    for (const { name, valueAt } of [cgroup, ...counters]) {
      const series = `container_cpu_usage_seconds_total{${containerLabels(life, name, scheme)}} `;
      const samples = lines.get(series) ?? new Map<number, string>();
      lines.set(series, samples);
      for (const time of times) {
        if (!samples.has(time)) {
          samples.set(time, valueAt(time).toFixed(3));
        }
      }
    }
    if (!scheme.relabelled) {
      flush(lines, write);
    }
  }
  flush(lines, write);
}

function flush(lines: Map<string, Map<number, string>>, write: Write): void {
  for (const [series, samples] of lines) {
    const inOrder = [...samples].sort(([a], [b]) => a - b);
    write(inOrder.map(([time, value]) => `${series}${value} ${time}\n`).join(''));
  }
  lines.clear();
}

function containerLabels(life: Life, container: string, { namespace, relabelled }: Scheme): string {
  const own = `job="kubernetes-cadvisor",instance="${life.node}",namespace="${namespace}",container="${container}"`;
  if (!relabelled) {
    return `${own},pod="${life.pod}"`;
  }
  const service = /^(.+?)(?:-\d{5}-deployment)?-[a-z0-9]{9,}-[a-z0-9]{5}$/.exec(life.pod)?.[1];
  return service === undefined ? own : `${own},service="${service}"`;
}

function sumOf(life: Life, time: number): number {
  return life.containers.reduce((sum, container) => sum + counterAt(life, container, time), 0);
}

function writeObjects(
  life: Life,
  scenario: Scenario,
  scrapeSeconds: number,
  { namespace, labels, lifetimes }: Scheme,
  write: Write
): void {
  const known = { from: life.start, to: life.kind === 'job' ? life.end + finishedPodSeconds : life.end };
  const looks = timesIn(scenario, known, Math.min(240, scrapeSeconds * 2), 29);
  const identity = `${kubeState},namespace="${namespace}",pod="${life.pod}"`;
  if (labels) {
    write(looks.map((at) => `kube_pod_labels{${identity},label_oscar_service="${life.service}"} 1 ${at}\n`).join(''));
  }
  if (lifetimes) {
    write(looks.map((at) => `kube_pod_start_time{${identity}} ${life.start} ${at}\n`).join(''));
    const finished = life.kind === 'job' ? looks.filter((at) => at >= life.end) : [];
    write(finished.map((at) => `kube_pod_completion_time{${identity}} ${life.end} ${at}\n`).join(''));
  }
}

function writeTargets(scenario: Scenario, scrapeSeconds: number, write: Write): void {
  const targets = [
    ...Object.entries(phases).map(([node, phase]) => ({
      labels: `job="kubernetes-cadvisor",instance="${node}"`,
      every: scrapeSeconds,
      phase,
    })),
    { labels: kubeState, every: Math.min(240, scrapeSeconds * 2), phase: 29 },
  ];
  for (const { labels, every, phase } of targets) {
    const times = timesIn(scenario, scenario.sampled, every, phase);
    write(times.map((time) => `up{${labels}} 1 ${time}\n`).join(''));
  }
}
