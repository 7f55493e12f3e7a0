import { hourMilliseconds, hoursOf, startOf } from './parameters';
import { createPicker, createRandom, type Random } from './random';
import { randomPaths } from './randomPaths';
import { apportion, busyness, hourWeights } from './rhythm';
import { isDeployed, type Service } from './services';
import type { World } from './world';

export interface Container {
  name: string;
  /** Mean use in CPU cores. */
  cores: number;
}

/** One pod from start to end; times are whole seconds since the epoch, as Kubernetes reports them. */
export interface Pod {
  name: string;
  service: Service;
  /**
   * `deployment`: an exposed service, runs all the time. `knative`: synchronous requests, scaled from zero and back.
   * `job`: one asynchronous request; its object stays for a while after its end.
   */
  kind: 'deployment' | 'knative' | 'job';
  start: number;
  /** Exclusive. May lie after the end of the span: then the pod is still running. */
  end: number;
  containers: readonly Container[];
}

/** More than these need not be simulated: the requests themselves are counted from the logs, not from the pods. */
const jobsPerDay = 300;
const scaleUpsPerDay = 120;
/** Kubernetes cuts the base of a generated name at this length. */
const generatedBaseLength = 58;

/** Use of a container in the hour that begins at that time (milliseconds), in cores: constant within an hour. */
export function coresInHour(pod: Pod, container: Container, hourStart: number): number {
  // Jobs and scaled-up pods live because there is work; a deployment follows the day's rhythm.
  return pod.kind === 'deployment' ? container.cores * (0.2 + 0.8 * busyness(hourStart)) : container.cores;
}

/** The pods of exposed services over the whole span. */
export function deploymentPods(world: World): Pod[] {
  const { parameters } = world;
  const random = createRandom(parameters.seed, randomPaths.deployments);
  const pods: Pod[] = [];
  for (const service of world.services.filter(({ exposed }) => exposed)) {
    const replicas = random.chance(0.3) ? 2 : 1;
    for (let replica = 0; replica < replicas; replica++) {
      const last = Math.min(service.deletedAt, parameters.end) / 1000;
      for (let start = service.createdAt / 1000; start < last;) {
        const lifetime = Math.round(random.logNormal(20 * 86_400, 0.7));
        const restart = start + lifetime < last ? start + lifetime : service.deletedAt / 1000;
        pods.push({
          name: `${service.name}-dlp-${kubernetesHash(10, random)}-${kubernetesHash(5, random)}`,
          service,
          kind: 'deployment',
          start,
          end: restart,
          containers: [{ name: 'oscar-container', cores: service.cores }],
        });
        start = restart;
      }
    }
  }
  return pods;
}

/** The jobs and the scaled-up pods, hour by hour of their start, one list per hour of the span. */
export function* startedPods(world: World): Generator<Pod[]> {
  const { parameters } = world;
  const weights = hourWeights(parameters);
  const jobs = apportion(Math.min(jobsPerDay * parameters.days, Math.round(parameters.lines * 0.3)), weights);
  const scaleUps = apportion(Math.min(scaleUpsPerDay * parameters.days, parameters.lines), weights);
  for (let hour = 0; hour < hoursOf(parameters); hour++) {
    const random = createRandom(parameters.seed, randomPaths.pods, hour);
    const hourStart = startOf(parameters) + hour * hourMilliseconds;
    yield [
      ...create(jobs[hour]!, world, hourStart, random, (service) => service.asyncShare, jobPod),
      ...create(scaleUps[hour]!, world, hourStart, random, (service) => 1 - service.asyncShare, knativePod),
    ];
  }
}

type CreatePod = (service: Service, start: number, random: Random) => Pod;

function create(
  count: number,
  world: World,
  hourStart: number,
  random: Random,
  share: (service: Service) => number,
  createPod: CreatePod
): Pod[] {
  const weights = world.services.map((service) =>
    isDeployed(service, hourStart) ? service.weight * share(service) : 0
  );
  if (weights.every((weight) => weight === 0)) {
    return [];
  }
  const pick = createPicker(weights);
  return Array.from({ length: count }, () => {
    const service = world.services[pick(random)]!;
    return createPod(service, hourStart / 1000 + random.integer(0, 3599), random);
  });
}

const jobPod: CreatePod = (service, start, random) => ({
  name: `${`${service.name}-${random.uuid()}-`.slice(0, generatedBaseLength)}${kubernetesHash(5, random)}`,
  service,
  kind: 'job',
  start,
  end: start + clamp(random.logNormal(150, 1), 5, 6 * 3600),
  containers: [{ name: 'oscar-container', cores: round(service.cores * random.logNormal(1.2, 0.4)) }],
});

const knativePod: CreatePod = (service, start, random) => ({
  name:
    `${service.name}-0000${random.integer(1, 3)}-deployment-` +
    `${kubernetesHash(10, random)}-${kubernetesHash(5, random)}`,
  service,
  kind: 'knative',
  start,
  end: start + clamp(random.logNormal(480, 0.8), 60, 3 * 3600),
  containers: [
    { name: 'user-container', cores: round(service.cores * random.logNormal(0.8, 0.4)) },
    { name: 'queue-proxy', cores: 0.01 },
  ],
});

/** Kubernetes leaves out vowels and look-alikes, so that no words come up. */
function kubernetesHash(length: number, random: Random): string {
  const alphabet = 'bcdfghjklmnpqrstvwxz2456789';
  return Array.from({ length }, () => alphabet.charAt(random.integer(0, alphabet.length - 1))).join('');
}

function clamp(value: number, low: number, high: number): number {
  return Math.round(Math.min(high, Math.max(low, value)));
}

function round(cores: number): number {
  return Math.round(cores * 1000) / 1000;
}
