import { clusterUser } from './outcomes';
import { createRandom, type Random } from './random';
import { randomPaths } from './randomPaths';
import type { ServiceRequest } from './requests';
import { randomOffset, type Hour, type World } from './world';

/** Share of the further requests that go to real names, with a token that can't be read. */
const wrongTokens = 0.3;

/** What programs ask for that try every door: hardly ever the same name twice. Not all could be a service's. */
export function inventedName(random: Random): string {
  const kind = random.float();
  const text = random.hex(random.integer(4, 12));
  if (kind < 0.4) {
    return `wp-${text}`;
  }
  return kind < 0.8 ? text : random.pick([`.env-${text}`, `Admin_${text}`, `${text}.php`]);
}

/** A request to a name that nobody has, from anywhere; most such programs bring no credentials at all. */
export function inventedRequest(world: World, random: Random): ServiceRequest {
  return { ...refused(world, random), target: inventedName(random), status: random.chance(0.85) ? 404 : 401 };
}

/** The further requests of the parameter `invented` in one hour: to invented names, and to real ones as `Bearer x`. */
export function inventedRequestsOfHour(world: World, hour: Hour, count: number): ServiceRequest[] {
  const random = createRandom(world.parameters.seed, randomPaths.invented, hour.index);
  return Array.from({ length: count }, () =>
    random.chance(wrongTokens)
      ? {
          ...refused(world, random),
          target: world.services[hour.pickService(random)]!.name,
          status: 400,
        }
      : inventedRequest(world, random)
  );
}

function refused(world: World, random: Random): Omit<ServiceRequest, 'target' | 'status'> {
  return {
    offsetNanoseconds: randomOffset(random),
    type: random.chance(0.5) ? 'sync' : 'async',
    pathRest: random.chance(0.1) ? '/' : '',
    user: clusterUser,
    country: random.integer(0, world.countries.length - 1),
    latencyNanoseconds: random.logNormal(80_000, 0.8),
  };
}
