import { createPodScraper, scrapeTimes } from './openMetrics';
import { createParameters } from './parameters';
import { startedPods } from './podArrivals';
import { podKinds } from './podKinds';
import { standingPods, type Pod } from './pods';
import { createCpuCounter, createUsageLedger } from './usage';
import { createWorld } from './world';

const end = Date.parse('2026-06-15T10:00:00Z');
const world = createWorld(createParameters({ days: 10, lines: 5_000, services: 30, end }));
const pods = [...standingPods(world), ...[...startedPods(world)].flat()];

it('makes pods of every kind with distinct names that Kubernetes accepts', () => {
  expect(new Set(pods.map(({ kind }) => kind))).toEqual(new Set(podKinds));
  expect(new Set(pods.map(({ name }) => name)).size).toBe(pods.length);
  expect(pods.every(({ name }) => /^[a-z0-9][-a-z0-9]{0,61}[a-z0-9]$/.test(name))).toBe(true);
});

it('brings the pods of a node that is replaced back on another one', () => {
  const left = world.nodes.find(({ to }) => Number.isFinite(to))!;
  const onIt = pods.filter(({ node }) => node === left);
  expect(onIt.length).toBeGreaterThan(0);
  expect(pods.every(({ node, start: from, end: to }) => node.from <= from && to <= node.to)).toBe(true);
  const standing = onIt.filter(({ kind, end: to }) => (kind === 'exposed' || kind === 'kserve') && to === left.to);
  expect(standing.length).toBeGreaterThan(0);
  for (const { service } of standing) {
    const followers = pods.filter((pod) => pod.service === service && pod.start === left.to + 25);
    expect(followers.map(({ node }) => node.name)).not.toContain(left.name);
    expect(followers.length).toBeGreaterThan(0);
  }
});

it('restarts containers of every kind of pod', () => {
  const restarted = pods.filter(({ containers }) => containers.some(({ restarts }) => restarts.length > 0));
  expect(new Set(restarted.map(({ kind }) => kind))).toEqual(new Set(podKinds));
  expect(
    restarted.every(({ containers, start: from, end: to }) =>
      containers.every(({ restarts }) => restarts.every((at) => from < at && at < to))
    )
  ).toBe(true);
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
    labels: { label_oscar_service: 'cowsay' },
    service,
    kind: 'job',
    node: world.nodes[0]!,
    start: 1_000,
    end: 1_300,
    containers: [
      { name: 'main', cores: 2, restarts: [] },
      { name: 'side', cores: 0.5, restarts: [] },
    ],
  };
  const scrape = (...bounds: number[]) => scrapePod(job, bounds);
  const scrapePod = (pod: Pod, bounds: readonly number[]) => {
    const scraper = createPodScraper(pod, { containers: 120, objects: 240 });
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

  it('goes on from 0 after a restart: in another series, or where the labels are dropped, in the same one', () => {
    const restarted = (node: Pod['node']) =>
      scrapePod({ ...job, node, containers: [{ name: 'main', cores: 2, restarts: [1_100] }] }, [0, 10_000]);
    const [first, second] = [restarted(world.nodes[0]!), restarted({ ...world.nodes[1]!, phase: 11 })];
    for (const lines of [first, second]) {
      expect(only(lines, /cpu_usage.*container="main"/)).toEqual([
        [182, 1_091],
        [222, 1_211],
      ]);
      // The cgroup of the pod goes on.
      expect(only(lines, /cpu_usage.*container=""/).map(([value]) => value)).toEqual([182, 422]);
    }
    const seriesOf = (lines: string[]) =>
      new Set(lines.filter((line) => /cpu_usage.*container="main"/.test(line)).map((line) => line.split(' ')[0]));
    expect(seriesOf(first).size).toBe(2);
    expect(seriesOf(second).size).toBe(1);
    expect(only(second, /container="POD"/)).toHaveLength(2);
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
    expect(only(lines, /phase="Running"/)).toEqual([
      [1, 1_229],
      [0, 1_469],
    ]);
    expect(only(lines, /phase="Succeeded"/)).toEqual([
      [0, 1_229],
      [1, 1_469],
    ]);
    expect(only(lines, /condition="true"/)).toEqual([
      [1, 1_229],
      [1, 1_469],
    ]);
  });

  it('writes the same samples whatever the windows', () => {
    expect(scrape(0, 1_100, 1_211, 1_250, 10_000).sort()).toEqual(scrape(0, 10_000).sort());
  });
});

it('scrapes at multiples of the interval plus the phase, without the end', () => {
  expect(scrapeTimes({ from: 11, to: 251 }, 120, 11)).toEqual([11, 131]);
});
