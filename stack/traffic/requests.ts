import { inventedRequest } from './invented';
import { clusterUser } from './outcomes';
import { createRandom, type Random } from './random';
import { randomPaths } from './randomPaths';
import { isDeployed, type Service } from './services';
import type { User } from './users';
import { randomOffset, type Hour, type World } from './world';

export type RequestType = 'sync' | 'async';

/** One request to `/run/<service>` (sync) or `/job/<service>` (async), before anybody writes it down. */
export interface ServiceRequest {
  /** See `Entry`. */
  offsetNanoseconds: number;
  type: RequestType;
  /** First path segment. Anybody can ask for anything: it need not be the name of a service. */
  target: string;
  /** What the path has after the target: empty, `/` or more segments. */
  pathRest: string;
  /** Set when the target is a deployed service. */
  service?: Service;
  user: string;
  /** Position in the world's countries, or -1 for a private address. */
  country: number;
  status: number;
  latencyNanoseconds: number;
}

/** What scanners and typing errors ask for. None is a name that Kubernetes would accept. */
const impossibleTargets = [
  'Has_Caps',
  '=cmd()',
  '..',
  '-rf',
  '@SUM(A1)',
  'café',
  'under_score',
  'a..b',
  'x'.repeat(64),
];
/** Share of programs that try every door. */
const inventedShare = 0.012;
/** Possible names that no service has. */
const unknownTargets = ['cowsya', 'does-not-exist', 'wp-login'];

/** The requests of one hour, in no particular order. */
export function requestsOfHour(world: World, hour: Hour, count: number): ServiceRequest[] {
  const random = createRandom(world.parameters.seed, randomPaths.requests, hour.index);
  // Now and then somebody sends a whole batch: a few figures then dominate the hour.
  const batchShare = random.chance(0.01) ? 0.8 : 0;
  const batchUser = world.users.list[world.users.pick(random)]!;
  const batchService = hour.pickService(random);
  return Array.from({ length: count }, () => {
    if (random.chance(inventedShare)) {
      return inventedRequest(world, random);
    }
    const isBatch = random.chance(batchShare);
    const user = isBatch ? batchUser : world.users.list[world.users.pick(random)]!;
    const service = world.services[isBatch ? batchService : serviceOf(user, world, hour, random)]!;
    return createRequest(user, service, world, random);
  });
}

function serviceOf(user: User, world: World, hour: Hour, random: Random): number {
  if (random.chance(0.9)) {
    const favourite = random.pick(user.favourites);
    if (isDeployed(world.services[favourite]!, hour.start)) {
      return favourite;
    }
  }
  return hour.pickService(random);
}

function createRequest(user: User, service: Service, world: World, random: Random): ServiceRequest {
  const type: RequestType = user.isEvent || random.chance(service.asyncShare) ? 'async' : 'sync';
  const wrong = random.float();
  const target =
    wrong < 0.003 ? random.pick(impossibleTargets) : wrong < 0.006 ? random.pick(unknownTargets) : undefined;
  const path = random.float();
  const { status, isNobody } = answerTo(target, type, random);
  return {
    offsetNanoseconds: randomOffset(random),
    type,
    target: target ?? service.name,
    pathRest: path < 0.01 ? '/extra/path' : path < 0.02 ? '/' : '',
    service: target === undefined ? service : undefined,
    // What is refused before a user is known is logged under the name of the cluster's own user.
    user: isNobody ? clusterUser : user.id,
    country: countryOf(user, world, random),
    status,
    latencyNanoseconds: random.logNormal(type === 'sync' ? 4e8 : 2e7, 1.3),
  };
}

interface Answer {
  status: number;
  /** Refused before a user was known. */
  isNobody: boolean;
}

/** Cumulative shares of the answers that are no success, to the names of services. */
const failures: ReadonlyArray<readonly [below: number, status: number, isNobody?: true]> = [
  [0.012, 401, true],
  [0.015, 403],
  // Deleted a moment ago.
  [0.021, 404],
  [0.023, 405],
  // A token that can't be read, and an identity provider that does not answer.
  [0.028, 400, true],
  [0.03, 502, true],
  [0.038, 400],
  [0.042, 502],
  [0.056, 500],
  [0.068, 503],
  [0.07, 429],
];

function answerTo(wrongTarget: string | undefined, type: RequestType, random: Random): Answer {
  const kind = random.float();
  if (wrongTarget !== undefined) {
    // Kubernetes refuses to look for a name that can't be, which OSCAR passes on as an error of its own.
    return { status: impossibleTargets.includes(wrongTarget) && kind < 0.5 ? 500 : 404, isNobody: false };
  }
  const failure = failures.find(([below]) => kind < below);
  return failure === undefined
    ? { status: type === 'sync' ? 200 : 201, isNobody: false }
    : { status: failure[1], isNobody: failure[2] === true };
}

/** People are at home, mostly; the rest of the time anywhere, or inside the cluster's network. */
function countryOf(user: User, world: World, random: Random): number {
  const place = random.float();
  const elsewhere = random.integer(0, world.countries.length - 1);
  if (user.isEvent || place >= 0.985) {
    return -1;
  }
  return place < 0.94 ? user.home : elsewhere;
}
