import { hourMs } from '../../src/core/domain/duration';
import { hoursOf, startOf, type TrafficParameters } from './parameters';
import { fitsEveryKind } from './podKinds';
import { createRandom, shuffled, zipfWeights, type Random } from './random';
import { randomPaths } from './randomPaths';

export interface Service {
  name: string;
  /** `oscar-svc`, or the namespace of its owner, `oscar-svc-<suffix>`. */
  namespace: string;
  /** Popularity; only the proportion matters. */
  weight: number;
  /** Share of its requests that are asynchronous, 0 to 1. */
  asyncShare: number;
  /**
   * How it runs all the time behind the ingress: as OSCAR exposes it, as an inference service of KServe, or as one for
   * language models, whose parts have other names. Undefined: only when it is called.
   */
  standing?: 'exposed' | 'kserve' | 'kserve-large';
  /** GPUs that each of its pods asks for. */
  gpus: number;
  /** Mean use of one pod, in CPU cores. */
  cores: number;
  /** Milliseconds since the epoch, whole hours; deployed in [createdAt, deletedAt). `Infinity`: never deleted. */
  createdAt: number;
  deletedAt: number;
}

/**
 * Some names begin with another one, and some look like a pod's suffix: both have misled name-based attribution. One is so
 * long that Knative hashes it, so that only a label tells whose its pods are.
 */
const names = (
  'cowsay yolo my-kserve-demo satellite-image-segmentation-of-burnt-areas-v2-large plants-classification imagemagick ' +
  'body-pose cow whisper fish-detector grayify stable-diffusion ' +
  'mask-detector nginx jupyter speech-to-text litter-assessment yolo-v8 ocr satellite-tiles nginx-dlp bird-audio ' +
  'crop-yield cowsay-2 fire-spread ffmpeg-convert text-summary air-quality phyto-plankton semantic-search sum ' +
  'image-tagger flood-map notebook gene-align protein-fold soil-moisture tts simple-test model denoise mlflow'
).split(' ');
const variants = ['dev', 'test', 'v2', 'large', 'eu', 'lab', 'edge', 'demo'];

/** Whether the text is a name that Kubernetes accepts for a service (RFC 1123 label). */
export function isServiceName(text: string): boolean {
  return /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/.test(text);
}

/** Whether the service exists at that time, in milliseconds since the epoch. */
export function isDeployed(service: Service, time: number): boolean {
  return service.createdAt <= time && time < service.deletedAt;
}

/** The services of the whole span, most popular first. */
export function createServices(parameters: TrafficParameters): Service[] {
  const random = createRandom(parameters.seed, randomPaths.services);
  const weights = zipfWeights(parameters.services, 0.9);
  const owners = Array.from({ length: Math.ceil(parameters.services / 8) }, () => `oscar-svc-${random.hex(8)}`);
  const allNames = serviceNames(parameters.services, random);
  const fitting = allNames.filter(fitsEveryKind);
  return allNames.map((name, rank) => ({
    name,
    namespace: random.chance(0.7) ? 'oscar-svc' : random.pick(owners),
    weight: weights[rank]!,
    asyncShare: asyncShareOf(name, random.pick([0, 0.1, 0.5, 0.9, 1])),
    standing: standingOf(fitting.indexOf(name)),
    gpus: rank % 20 === 4 || rank % 40 === 13 ? 1 : 0,
    cores: Math.round(random.logNormal(0.6, 0.6) * 100) / 100,
    ...lifetime(parameters, rank, random),
  }));
}

/** By rank rather than by chance: a small set-up must have some of each kind, too. */
function standingOf(place: number): Service['standing'] {
  return place % 10 === 3 ? 'exposed' : place % 20 === 2 ? 'kserve' : place % 20 === 12 ? 'kserve-large' : undefined;
}

/** The names that mislead must occur in pods of the kind that misleads. */
function asyncShareOf(name: string, drawn: number): number {
  return name.startsWith('my-kserve-demo') ? 0.9 : fitsEveryKind(name) ? drawn : 0.1;
}

function lifetime(parameters: TrafficParameters, rank: number, random: Random) {
  const start = startOf(parameters);
  const hours = hoursOf(parameters);
  const at = (share: number) => start + Math.floor(hours * share) * hourMs;
  // Drawn for every rank, so that the number of draws never depends on the outcome.
  const [isNew, isDeleted, creation, deletion] = [random.float(), random.float(), random.float(), random.float()];
  // The most popular ones stay, so that there is something to ask for at any time.
  const late = rank > 3 && isNew < 0.18;
  const created = late ? creation * 0.7 : 0;
  const deleted = rank > 3 && isDeleted < 0.14;
  return {
    createdAt: late ? at(created) : start,
    deletedAt: deleted ? at(created + 0.1 + deletion * (0.85 - created)) : Infinity,
  };
}

function serviceNames(count: number, random: Random): string[] {
  const candidates = [...names];
  for (let round = 0; candidates.length < count; round++) {
    const variant = variants[round % variants.length]!;
    const suffix = round < variants.length ? variant : `${variant}-${Math.floor(round / variants.length) + 1}`;
    candidates.push(...names.map((name) => `${name}-${suffix}`));
  }
  // The plain names first: shuffling all would hide them in a small set-up.
  return shuffled(candidates.slice(0, count), random);
}
