import { pickNode, type Node } from '../traffic/nodes';
import { createPod, type Pod, type PodPlan } from '../traffic/pods';
import { createRandom, type Random } from '../traffic/random';
import { type Service } from '../traffic/services';
import { type Seconds } from './lives';

export interface ScenarioOptions {
  /** Start of the asked range, seconds since the epoch. */
  from: number;
  days: number;
  jobsPerDay: number;
  seed: number;
}

export interface Scenario {
  lives: Pod[];
  nodes: readonly Node[];
  /** Services whose pods can't be told by their names: Knative has hashed them. */
  nameless: ReadonlySet<string>;
  /** The range that is asked for. */
  asked: Seconds;
  /** The samples begin before the asked range and go on after it. */
  sampled: Seconds;
  /** Stretches in which nothing is scraped. */
  gaps: readonly Seconds[];
}

const day = 86_400;

/**
 * Services that begin like another one, or end in what looks like a pod's suffix, or hold what looks like another kind's:
 * names alone have misled before. The last one is so long that Kubernetes cuts the names of its jobs.
 */
const jobServices = [
  'simple-test',
  'yolo',
  'yolo-v8',
  'my-kserve-demo',
  'plants-classification',
  'imagemagick',
  'body-pose',
  'whisper',
  'satellite-image-segmentation-of-burnt-areas',
];
/** Kubernetes cuts the names of the last but one's pods, and Knative hashes those of the last one's. */
const hashedService = 'multispectral-satellite-image-segmentation-of-burnt-areas';
const knativeServices = [
  ...['cowsay', 'cow', 'grayify', 'speech-to-text', 'ocr', 'tts', 'crop-yield', 'model'],
  'plankton-classification-of-the-north-sea',
  hashedService,
];
const exposedServices = ['nginx', 'jupyter', 'gmolto-nginx', 'mlflow'];
const kserveServices = ['sentiment', 'llama', 'translator-predictor-v2'];
/** Of KServe, for language models. */
const largeServices = ['llama'];
/** Their images are fetched; what fetches them belongs to no service. */
const pulledServices = ['cowsay', 'my-kserve-demo'];

/** Async jobs of median 150 s, Knative services that scale from zero, and services that run all the time. */
export function createScenario(options: ScenarioOptions): Scenario {
  const { from, days, seed } = options;
  const asked = { from, to: from + days * day };
  const sampled = { from: from - day / 2, to: asked.to + 3600 };
  const nodes = createNodes(asked);
  const lives = [
    ...jobs(options, sampled, nodes, createRandom(seed, 1)),
    ...knativeServices.flatMap((name, index) => knative(name, sampled, nodes, createRandom(seed, 2, index))),
    ...[...exposedServices, ...kserveServices].flatMap((name, index) =>
      standing(name, asked, nodes, createRandom(seed, 3, index))
    ),
    ...pulledServices.flatMap((name, index) => pullers(name, asked, nodes, createRandom(seed, 4, index))),
  ];
  // Once within a day, and once over midnight, where a counter's last value before the day is far away.
  const gaps = [
    { from: from + 14.3 * 3600, to: from + 14.3 * 3600 + 480 },
    { from: from + day - 150, to: from + day + 150 },
  ];
  return { lives, nodes, nameless: new Set([hashedService]), asked, sampled, gaps };
}

/** One node keeps the ids of containers; the other one, without them, is replaced. */
function createNodes({ from, to }: Seconds): Node[] {
  const leaves = Math.round(from + 0.55 * (to - from));
  return [
    { name: 'node-1', from: -Infinity, to: Infinity, phase: 11, hasIds: true },
    { name: 'node-2', from: -Infinity, to: leaves, phase: 23, hasIds: false },
    { name: 'node-3', from: leaves + 100, to: Infinity, phase: 5, hasIds: false },
  ];
}

function jobs({ jobsPerDay }: ScenarioOptions, { from, to }: Seconds, nodes: readonly Node[], random: Random): Pod[] {
  const count = Math.round((jobsPerDay * (to - from)) / day);
  return Array.from({ length: count }, () => {
    const name = jobServices[Math.floor(jobServices.length * random.float() ** 1.6)]!;
    const start = random.integer(from, to);
    const end = start + Math.round(Math.min(6 * 3600, Math.max(10, random.logNormal(150, 1))));
    const restarts = end - start > 60 && random.chance(0.01) ? [random.integer(start + 20, end - 20)] : [];
    const cores = random.logNormal(1, 0.4);
    return placed({ service: serviceOf(name), kind: 'job', start, end, cores, restarts }, nodes, random);
  });
}

function knative(name: string, { from, to }: Seconds, nodes: readonly Node[], random: Random): Pod[] {
  const lives: Pod[] = [];
  for (let start = from; start < to;) {
    const length = Math.round(Math.min(10_800, Math.max(60, random.logNormal(480, 0.8))));
    const replicas = random.chance(0.25) ? 2 : 1;
    for (let replica = 0; replica < replicas; replica++) {
      const [begin, end] = [start + replica * 7, start + length];
      const restarts = random.chance(0.03) ? [random.integer(begin + 20, end - 20)] : [];
      const cores = random.logNormal(0.6, 0.4);
      const plan = { service: serviceOf(name), kind: 'knative', start: begin, end, cores, restarts } as const;
      lives.push(placed(plan, nodes, random));
    }
    start += length + Math.round(random.logNormal(900, 0.8));
  }
  return lives;
}

/** Has run for up to a month before the range, so that its counters are large when the range begins. */
function standing(name: string, { from, to }: Seconds, nodes: readonly Node[], random: Random): Pod[] {
  const kind = kserveServices.includes(name) ? 'kserve' : 'exposed';
  const service = serviceOf(name);
  // All replicas on one node: without their names they can't be told apart.
  const first = random.pick(nodes.slice(0, 2));
  return Array.from({ length: random.integer(1, 2) }, () => {
    const start = from - random.integer(2, 30) * day - random.integer(0, day);
    const restarts = Array.from({ length: random.integer(0, 3) }, () => random.integer(from + 3600, to - 3600));
    restarts.sort((a, b) => a - b);
    const cores = random.logNormal(0.7, 0.3);
    const end = Math.min(to + day, first.to);
    const within = (span: Seconds) => restarts.filter((at) => at > span.from && at < span.to);
    const plan = { service, kind, cores } as const;
    const pods = [createPod({ ...plan, node: first, start, end, restarts: within({ from: start, to: end }) }, random)];
    if (end < to) {
      // Comes back when its node has gone.
      const span = { from: end + 25, to: to + day };
      pods.push(placed({ ...plan, start: span.from, end: span.to, restarts: within(span) }, nodes, random));
    }
    return pods;
  }).flat();
}

/** On each node. What they run would end at once; a larger image and one restart make an amount that can be judged. */
function pullers(name: string, { from, to }: Seconds, nodes: readonly Node[], random: Random): Pod[] {
  const start = random.integer(from, to - 14_400);
  const end = start + random.integer(7200, 10_800);
  return nodes
    .filter((node) => node.from <= start && end <= node.to)
    .map((node) => {
      const restarts = [start + random.integer(300, 3600)];
      return createPod({ service: serviceOf(name), kind: 'puller', node, start, end, cores: 0.6, restarts }, random);
    });
}

function placed(plan: Omit<PodPlan, 'node'>, nodes: readonly Node[], random: Random): Pod {
  const node = pickNode(nodes, plan, random);
  const end = Math.min(plan.end, node.to);
  return createPod({ ...plan, node, end, restarts: plan.restarts?.filter((at) => at < end) }, random);
}

function serviceOf(name: string): Service {
  return {
    name,
    namespace: 'oscar-svc',
    weight: 1,
    asyncShare: 0,
    standing: largeServices.includes(name)
      ? 'kserve-large'
      : kserveServices.includes(name)
        ? 'kserve'
        : exposedServices.includes(name)
          ? 'exposed'
          : undefined,
    gpus: 0,
    cores: 1,
    createdAt: -Infinity,
    deletedAt: Infinity,
  };
}
