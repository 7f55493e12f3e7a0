import { pickNode, type Node } from './nodes';
import { podIdentity, type PodIdentity, type PodKind } from './podKinds';
import { createRandom, type Random } from './random';
import { randomPaths } from './randomPaths';
import { busyness } from './rhythm';
import type { Service } from './services';
import type { World } from './world';

export interface Container {
  name: string;
  /** Mean use in CPU cores. */
  cores: number;
  /** Moments at which it ended and was started again at once, as another container, ascending. */
  restarts: readonly number[];
}

/** One pod from start to end; times are whole seconds since the epoch, as Kubernetes reports them. */
export interface Pod extends Omit<PodIdentity, 'containers'> {
  service: Service;
  kind: PodKind;
  node: Node;
  start: number;
  /** Exclusive. May lie after the end of the span: then the pod is still running. */
  end: number;
  containers: readonly Container[];
}

/** What a new pod uses and when; its name, labels and containers follow from its kind. */
export interface PodPlan {
  service: Service;
  kind: PodKind;
  node: Node;
  start: number;
  end: number;
  /** Of the container that does the work; the others use next to nothing. */
  cores: number;
  restarts?: readonly number[];
}

const sidecarCores = 0.01;
const daySeconds = 86_400;

export function createPod({ cores, restarts = [], ...plan }: PodPlan, random: Random): Pod {
  const { containers, ...identity } = podIdentity(
    plan.kind,
    plan.service.name,
    random,
    plan.service.standing === 'kserve-large'
  );
  return {
    ...plan,
    ...identity,
    containers: containers.map((name, index) =>
      index === 0 ? { name, cores, restarts } : { name, cores: sidecarCores, restarts: [] }
    ),
  };
}

/** Use of a container in the hour that begins at that time (milliseconds), in cores: constant within an hour. */
export function coresInHour(pod: Pick<Pod, 'kind'>, container: Container, hourStart: number): number {
  // Jobs and scaled-up pods live because there is work; what stands behind the ingress follows the day's rhythm.
  const isStanding = pod.kind === 'exposed' || pod.kind === 'kserve';
  return isStanding ? container.cores * (0.2 + 0.8 * busyness(hourStart)) : container.cores;
}

/** Time between the end of a pod and the start of the one that replaces it. */
const replacingSeconds = 25;

/** The pods that run all the time behind the ingress, over the whole span. They end when their node does. */
export function standingPods(world: World): Pod[] {
  const { parameters } = world;
  const random = createRandom(parameters.seed, randomPaths.deployments);
  const pods: Pod[] = [];
  for (const service of world.services.filter(({ standing }) => standing !== undefined)) {
    const replicas = random.chance(0.3) ? 2 : 1;
    for (let replica = 0; replica < replicas; replica++) {
      const last = Math.min(service.deletedAt, parameters.end) / 1000;
      for (let start = service.createdAt / 1000; start < last;) {
        const lifetime = Math.round(random.logNormal(20 * daySeconds, 0.7));
        const replacedAt = start + lifetime < last ? start + lifetime : service.deletedAt / 1000;
        const node = pickNode(world.nodes, { start, end: start }, random);
        const end = Math.min(replacedAt, node.to);
        const kind = service.standing === 'exposed' ? ('exposed' as const) : ('kserve' as const);
        const restarts = restartsWithin(start, Math.min(end, last), 3 * daySeconds, random);
        pods.push(createPod({ service, kind, node, start, end, cores: service.cores, restarts }, random));
        start = end + replacingSeconds;
      }
    }
  }
  return pods;
}

/** Moments of restarts that are so many seconds apart, as a median. */
function restartsWithin(start: number, end: number, apart: number, random: Random): number[] {
  const restarts: number[] = [];
  let at = start;
  for (;;) {
    at += Math.max(1, Math.round(random.logNormal(apart, 0.9)));
    if (at >= end) {
      return restarts;
    }
    restarts.push(at);
  }
}
