import { createRandom, type Random } from '../traffic/random';
import { type Life, type LivingContainer, type Seconds } from './lives';

export interface ScenarioOptions {
  /** Start of the asked range, seconds since the epoch. */
  from: number;
  days: number;
  jobsPerDay: number;
  seed: number;
}

export interface Scenario {
  lives: Life[];
  /** The range that is asked for. */
  asked: Seconds;
  /** The samples begin before the asked range and go on after it. */
  sampled: Seconds;
  /** Stretches in which nothing is scraped. */
  gaps: readonly Seconds[];
}

const day = 86_400;
const nodes = ['node-1', 'node-2'];

/**
 * Services that begin like another one, or end in what looks like a pod's suffix: names alone have misled before. The
 * last one is so long that Kubernetes cuts the names of its jobs.
 */
const jobServices = [
  'simple-test',
  'yolo',
  'yolo-v8',
  'plants-classification',
  'imagemagick',
  'body-pose',
  'whisper',
  'satellite-image-segmentation-of-burnt-areas',
];
const knativeServices = ['cowsay', 'cow', 'grayify', 'speech-to-text', 'ocr', 'tts', 'crop-yield', 'model'];
const deployedServices = ['nginx', 'jupyter', 'gmolto-nginx', 'mlflow'];

/** Async jobs of median 150 s, Knative services that scale from zero, and services that run all the time. */
export function createScenario(options: ScenarioOptions): Scenario {
  const { from, days, seed } = options;
  const asked = { from, to: from + days * day };
  const sampled = { from: from - day / 2, to: asked.to + 3600 };
  const lives = [
    ...jobs(options, sampled, createRandom(seed, 1)),
    ...knativeServices.flatMap((service, index) => knative(service, sampled, createRandom(seed, 2, index))),
    ...deployedServices.flatMap((service, index) => deployed(service, asked, createRandom(seed, 3, index))),
  ];
  // Once within a day, and once over midnight, where a counter's last value before the day is far away.
  const gaps = [
    { from: from + 14.3 * 3600, to: from + 14.3 * 3600 + 480 },
    { from: from + day - 150, to: from + day + 150 },
  ];
  return { lives, asked, sampled, gaps };
}

function jobs({ jobsPerDay }: ScenarioOptions, { from, to }: Seconds, random: Random): Life[] {
  const count = Math.round((jobsPerDay * (to - from)) / day);
  return Array.from({ length: count }, () => {
    const service = jobServices[Math.floor(jobServices.length * random.float() ** 1.6)]!;
    const start = random.integer(from, to);
    // Kubernetes cuts the base of a generated name at 58 characters.
    const pod = `${`${service}-${random.uuid()}-`.slice(0, 58)}${hash(5, random)}`;
    const cores = random.logNormal(1, 0.4);
    const end = start + Math.round(Math.min(6 * 3600, Math.max(10, random.logNormal(150, 1))));
    return life(pod, service, 'job', start, end, random, [container('oscar-container', cores)]);
  });
}

function knative(service: string, { from, to }: Seconds, random: Random): Life[] {
  const lives: Life[] = [];
  for (let start = from; start < to;) {
    const length = Math.round(Math.min(10_800, Math.max(60, random.logNormal(480, 0.8))));
    const replicas = random.chance(0.25) ? 2 : 1;
    for (let replica = 0; replica < replicas; replica++) {
      const pod = `${service}-0000${random.integer(1, 3)}-deployment-${hash(10, random)}-${hash(5, random)}`;
      const used = [container('user-container', random.logNormal(0.6, 0.4)), container('queue-proxy', 0.01)];
      lives.push(life(pod, service, 'knative', start + replica * 7, start + length, random, used));
    }
    start += length + Math.round(random.logNormal(900, 0.8));
  }
  return lives;
}

/** Has run for up to a month before the range, so that its counters are large when the range begins. */
function deployed(service: string, { from, to }: Seconds, random: Random): Life[] {
  return Array.from({ length: random.integer(1, 2) }, () => {
    const start = from - random.integer(2, 30) * day - random.integer(0, day);
    const restarts = random.chance(0.7) ? [random.integer(from + 3600, to - 3600)] : [];
    const pod = `${service}-dlp-${hash(10, random)}-${hash(5, random)}`;
    const used = { ...container('oscar-container', random.logNormal(0.7, 0.3)), hasRhythm: true, restarts };
    // All replicas on one node: without their names they can't be told apart.
    return { ...life(pod, service, 'deployment', start, to + day, random, [used]), node: nodes[0]! };
  });
}

function life(
  pod: string,
  service: string,
  kind: Life['kind'],
  start: number,
  end: number,
  random: Random,
  containers: LivingContainer[]
): Life {
  return { pod, service, kind, start, end, node: random.pick(nodes), containers };
}

function container(name: string, cores: number): LivingContainer {
  return { name, cores, hasRhythm: false, restarts: [] };
}

function hash(length: number, random: Random): string {
  const alphabet = 'bcdfghjklmnpqrstvwxz2456789';
  return Array.from({ length }, () => alphabet.charAt(random.integer(0, alphabet.length - 1))).join('');
}
