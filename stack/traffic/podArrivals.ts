import { hourMs } from '../../src/core/domain/duration';
import { pickNode } from './nodes';
import { hoursOf, startOf } from './parameters';
import { createPod, type Pod, type PodPlan } from './pods';
import { createPicker, createRandom, type Random } from './random';
import { randomPaths } from './randomPaths';
import { apportion, hourWeights } from './rhythm';
import { isDeployed, type Service } from './services';
import type { World } from './world';

/** More than these need not be simulated: the requests themselves are counted from the logs, not from the pods. */
const jobsPerDay = 300;
const scaleUpsPerDay = 120;
/** Hours between two images that are fetched to all nodes. By the clock: a short span must have one, too. */
const pullEvery = 31;
const firstPull = 7;

/** The pods that come and go, hour by hour of their start, one list per hour of the span. */
export function* startedPods(world: World): Generator<Pod[]> {
  const { parameters } = world;
  const weights = hourWeights(parameters);
  const jobs = apportion(Math.min(jobsPerDay * parameters.days, Math.round(parameters.lines * 0.3)), weights);
  const scaleUps = apportion(Math.min(scaleUpsPerDay * parameters.days, parameters.lines), weights);
  for (let hour = 0; hour < hoursOf(parameters); hour++) {
    const random = createRandom(parameters.seed, randomPaths.pods, hour);
    const hourStart = startOf(parameters) + hour * hourMs;
    yield [
      ...create(jobs[hour]!, world, hourStart, random, (service) => service.asyncShare, jobPod),
      ...create(scaleUps[hour]!, world, hourStart, random, (service) => 1 - service.asyncShare, knativePod),
      ...(hour % pullEvery === firstPull
        ? pullers(world, hourStart, createRandom(parameters.seed, randomPaths.pullers, hour))
        : []),
    ];
  }
}

type Plan = (service: Service, start: number, random: Random) => Omit<PodPlan, 'service' | 'start' | 'node'>;

function create(
  count: number,
  world: World,
  hourStart: number,
  random: Random,
  share: (service: Service) => number,
  plan: Plan
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
    const start = hourStart / 1000 + random.integer(0, 3599);
    const planned = plan(service, start, random);
    const node = pickNode(world.nodes, { start, end: planned.end }, random);
    return createPod({ ...planned, service, node, start, end: Math.min(planned.end, node.to) }, random);
  });
}

const jobPod: Plan = (service, start, random) => {
  const end = start + clamp(random.logNormal(150, 1), 5, 6 * 3600);
  // One in a hundred runs out of memory and is started once more inside its pod.
  const restarts = random.chance(0.01) && end - start > 60 ? [random.integer(start + 20, end - 20)] : [];
  return { kind: 'job', end, cores: round(service.cores * random.logNormal(1.2, 0.4)), restarts };
};

const knativePod: Plan = (service, start, random) => {
  const end = start + clamp(random.logNormal(480, 0.8), 60, 3 * 3600);
  const restarts = random.chance(0.02) ? [random.integer(start + 20, end - 20)] : [];
  return { kind: 'knative', end, cores: round(service.cores * random.logNormal(0.8, 0.4)), restarts };
};

/** Kubernetes waits twice as long before each further start of a container that has ended. */
const backOffs = [10, 30, 70, 150, 310, 610, 910, 1210];

/** One pod on each node. What they run ends at once, so that Kubernetes starts it again and again. */
function pullers(world: World, hourStart: number, random: Random): Pod[] {
  const deployed = world.services.filter((service) => isDeployed(service, hourStart));
  if (deployed.length === 0) {
    return [];
  }
  const service = random.pick(deployed);
  const start = hourStart / 1000 + random.integer(0, 1200);
  const end = start + random.integer(900, 1800);
  return world.nodes
    .filter(({ from, to }) => from <= start && end <= to)
    .map((node) => {
      const restarts = backOffs.map((after) => start + after).filter((at) => at < end);
      return createPod({ service, kind: 'puller', node, start, end, cores: 0.02, restarts }, random);
    });
}

function clamp(value: number, low: number, high: number): number {
  return Math.round(Math.min(high, Math.max(low, value)));
}

function round(cores: number): number {
  return Math.round(cores * 1000) / 1000;
}
