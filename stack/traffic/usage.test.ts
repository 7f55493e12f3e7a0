import { createPodScraper, scrapeTimes } from './openMetrics';
import { createParameters } from './parameters';
import { deploymentPods, startedPods, type Pod } from './pods';
import { createCpuCounter, createUsageLedger } from './usage';
import { createWorld } from './world';

const end = Date.parse('2026-06-15T10:00:00Z');
const world = createWorld(createParameters({ days: 10, lines: 5_000, services: 30, end }));
const pods = [...deploymentPods(world), ...[...startedPods(world)].flat()];

it('makes pods of every kind with distinct names that Kubernetes accepts', () => {
  expect(new Set(pods.map(({ kind }) => kind))).toEqual(new Set(['deployment', 'knative', 'job']));
  expect(new Set(pods.map(({ name }) => name)).size).toBe(pods.length);
  expect(pods.every(({ name }) => /^[a-z0-9][-a-z0-9]{0,61}[a-z0-9]$/.test(name))).toBe(true);
});

it('counts the same CPU time in the counters and in the truth', () => {
  const ledger = createUsageLedger(end);
  pods.forEach((pod) => ledger.add(pod));
  const facts = ledger.take(Infinity);
  const truth = facts.reduce((sum, { cpuSeconds }) => sum + cpuSeconds, 0);
  const counted = pods
    .flatMap((pod) =>
      pod.containers.map((container) => createCpuCounter(pod, container)(Math.min(pod.end, end / 1000)))
    )
    .reduce((left, right) => left + right, 0);
  expect(truth).toBeGreaterThan(0);
  expect(counted).toBeCloseTo(truth, 3);
  expect(facts.every(({ hourStart }) => hourStart % 3_600_000 === 0 && hourStart < end)).toBe(true);
  expect(ledger.take(Infinity)).toEqual([]);
});

describe('createPodScraper', () => {
  const service = { ...world.services[0]!, name: 'cowsay', namespace: 'oscar-svc', gpus: 1 };
  const job: Pod = {
    name: 'cowsay-job',
    service,
    kind: 'job',
    start: 1_000,
    end: 1_300,
    containers: [
      { name: 'main', cores: 2 },
      { name: 'side', cores: 0.5 },
    ],
  };
  const scrape = (...bounds: number[]) => {
    const scraper = createPodScraper(job, { containers: 120, objects: 240 });
    let text = '';
    bounds.slice(1).forEach((to, index) => scraper({ from: bounds[index]!, to }, (part) => (text += part)));
    return text.trim().split('\n');
  };
  const only = (lines: string[], pattern: RegExp) =>
    lines.filter((line) => pattern.test(line)).map((line) => line.split(' ').slice(-2).map(Number));

  it('writes one counter for each container and their sum for the pod', () => {
    const lines = scrape(0, 10_000);
    expect(only(lines, /cpu_usage.*container="main"/)).toEqual([
      [182, 1_091],
      [422, 1_211],
    ]);
    expect(only(lines, /cpu_usage.*container=""/)).toEqual([
      [227.5, 1_091],
      [527.5, 1_211],
    ]);
  });

  it('shows a finished job for five more minutes, and its end only then', () => {
    const lines = scrape(0, 10_000);
    expect(only(lines, /kube_pod_labels.*label_oscar_service="cowsay"/)).toEqual([
      [1, 1_229],
      [1, 1_469],
    ]);
    expect(only(lines, /kube_pod_completion_time/)).toEqual([[1_300, 1_469]]);
    expect(only(lines, /kube_pod_start_time/)[0]).toEqual([1_000, 1_229]);
    expect(only(lines, /resource="nvidia_com_gpu"/)[0]).toEqual([1, 1_229]);
  });

  it('writes the same samples whatever the windows', () => {
    expect(scrape(0, 1_100, 1_211, 1_250, 10_000).sort()).toEqual(scrape(0, 10_000).sort());
  });
});

it('scrapes at multiples of the interval plus the phase, without the end', () => {
  expect(scrapeTimes({ from: 11, to: 251 }, 120, 11)).toEqual([11, 131]);
});
