import { closeSync, openSync, writeSync } from 'node:fs';

import { type Counter, countersOfPod } from '../traffic/cadvisor';
import { gaugesOfPod, type Telling } from '../traffic/kubeState';
import { cadvisorOf, kubeState, scrapeTimes, seriesText, type Write } from '../traffic/openMetrics';
import { type Pod } from '../traffic/pods';
import { type Seconds } from './lives';
import { type Scenario } from './scenario';

/** How a cluster labels what its containers used, and how much its kube-state-metrics tells. */
export interface Scheme extends Telling {
  /** The namespace that holds the pods, by which the schemes are told apart in one Prometheus. */
  namespace: string;
  /** OSCAR's own relabelling, which replaces the pod by a label `service` that is cut from its name. */
  relabelled: boolean;
}

const objectsPhase = 29;

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
      scenario.lives.forEach((pod) => writeObjects(pod, scenario, scrapeSeconds, scheme, write));
    }
    writeTargets(scenario, scrapeSeconds, write);
    write('# EOF\n');
    writeSync(descriptor, pending);
  } finally {
    closeSync(descriptor);
  }
}

/** Times at which a target is scraped while something lives, without those in a gap. */
function timesIn({ sampled, gaps }: Scenario, { from, to }: Seconds, every: number, phase: number): number[] {
  return scrapeTimes({ from: Math.max(from, sampled.from), to: Math.min(to, sampled.to) }, every, phase).filter(
    (time) => !gaps.some((gap) => time >= gap.from && time < gap.to)
  );
}

function writeContainers(scenario: Scenario, scrapeSeconds: number, scheme: Scheme, write: Write): void {
  // Of several samples of one series at one time Prometheus keeps the first one.
  const lines = new Map<string, Map<number, string>>();
  const inOrder = [...scenario.lives].sort((a, b) => (a.name < b.name ? -1 : 1));
  for (const pod of inOrder) {
    for (const counter of countersOfPod(pod)) {
      const series = seriesText('container_cpu_usage_seconds_total', labelsOf(pod, counter, scheme));
      const samples = lines.get(series) ?? new Map<number, string>();
      lines.set(series, samples);
      for (const time of timesIn(scenario, counter, scrapeSeconds, pod.node.phase)) {
        if (!samples.has(time)) {
          samples.set(time, counter.valueAt(time).toFixed(3));
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

function labelsOf(pod: Pod, counter: Counter, { namespace, relabelled }: Scheme): Record<string, string> {
  const target = { ...cadvisorOf(pod.node), namespace };
  if (!relabelled) {
    return { ...target, pod: pod.name, ...counter.labels };
  }
  const service = /^(.+?)(?:-\d{5}-deployment)?-[a-z0-9]{9,}-[a-z0-9]{5}$/.exec(pod.name)?.[1];
  // Nothing is left that tells two pods of a service on one node apart.
  return { ...target, container: counter.labels.container ?? '', ...(service !== undefined && { service }) };
}

function writeObjects(pod: Pod, scenario: Scenario, scrapeSeconds: number, scheme: Scheme, write: Write): void {
  for (const { metric, labels, value, ...known } of gaugesOfPod(pod, scheme)) {
    const series = seriesText(metric, { ...kubeState, namespace: scheme.namespace, pod: pod.name, ...labels });
    const looks = timesIn(scenario, known, objectsEvery(scrapeSeconds), objectsPhase);
    write(looks.map((at) => `${series}${value} ${at}\n`).join(''));
  }
}

function writeTargets(scenario: Scenario, scrapeSeconds: number, write: Write): void {
  const targets = [
    ...scenario.nodes.map((node) => ({ labels: cadvisorOf(node), every: scrapeSeconds, ...node })),
    {
      labels: kubeState,
      every: objectsEvery(scrapeSeconds),
      phase: objectsPhase,
      ...scenario.sampled,
    },
  ];
  for (const { labels, every, phase, from, to } of targets) {
    const times = timesIn(scenario, { from, to }, every, phase);
    write(times.map((time) => `${seriesText('up', labels)}1 ${time}\n`).join(''));
  }
}

function objectsEvery(scrapeSeconds: number): number {
  return Math.min(240, scrapeSeconds * 2);
}
