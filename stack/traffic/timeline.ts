import { minuteMs } from '../../src/core/domain/duration';
import { millisecondOf, type Entry } from './entry';
import { inventedExposedOfHour, ingressOfHour } from './ingress';
import { inventedRequestsOfHour } from './invented';
import { managerNoise, writeRequest } from './managerLines';
import { outcomeOf, type Outcome } from './outcomes';
import { hoursOf } from './parameters';
import { createRandom } from './random';
import { randomPaths } from './randomPaths';
import { requestsOfHour, type RequestType, type ServiceRequest } from './requests';
import { apportion, hourWeights } from './rhythm';
import { hourOf, type World } from './world';

/** What really happened, independent of how it was written down. Minutes count from the epoch. */
export interface RequestFact {
  minute: number;
  /** As the line names it, not yet normalised. */
  service: string;
  type: RequestType;
  user: string;
  /** ISO 3166-1 alpha-2, or empty for a client without a country label. */
  country: string;
  outcome: Outcome;
}

export interface ExposedFact {
  minute: number;
  service: string;
  country: string;
  outcome: Outcome;
}

export interface HourOfTraffic {
  /** Milliseconds since the epoch. */
  start: number;
  /** In time order. */
  entries: Entry[];
  requests: RequestFact[];
  exposed: ExposedFact[];
}

/** Numbers of the other lines, relative to the number of request lines. */
const shares = { health: 0.15, api: 0.02, exposed: 0.18, ingressNoise: 0.05 };
/** Share of the requests to invented names that the ingress sees. */
const inventedExposedShare = 0.3;

/**
 * The whole traffic, hour by hour in time order. Holds one hour at a time, whatever the length of the span. Every entry
 * belongs to its hour by the contract's counting rule 5, so an hour's facts never touch another hour's minutes.
 */
export function* trafficHours(world: World): Generator<HourOfTraffic> {
  const { parameters } = world;
  const busy = hourWeights(parameters);
  // The kubelet's probes come as a clock ticks, at night too.
  const even = Array.from({ length: hoursOf(parameters) }, () => 1);
  const lastDay = even.map((_, index) => (index >= even.length - 24 ? 1 : 0));
  const inventedExposed = Math.round(parameters.invented * inventedExposedShare);
  const counts: Record<keyof Counts, number[]> = {
    requests: apportion(parameters.lines, busy),
    health: apportion(Math.round(parameters.lines * shares.health), even),
    api: apportion(Math.round(parameters.lines * shares.api), busy),
    exposed: apportion(Math.round(parameters.lines * shares.exposed), busy),
    ingressNoise: apportion(Math.round(parameters.lines * shares.ingressNoise), busy),
    invented: apportion(parameters.invented - inventedExposed, lastDay),
    inventedExposed: apportion(inventedExposed, lastDay),
  };
  for (let index = 0; index < hoursOf(parameters); index++) {
    yield trafficOfHour(world, index, {
      requests: counts.requests[index]!,
      health: counts.health[index]!,
      api: counts.api[index]!,
      exposed: counts.exposed[index]!,
      ingressNoise: counts.ingressNoise[index]!,
      invented: counts.invented[index]!,
      inventedExposed: counts.inventedExposed[index]!,
    });
  }
}

type Counts = Record<
  'requests' | 'health' | 'api' | 'exposed' | 'ingressNoise' | 'invented' | 'inventedExposed',
  number
>;

function trafficOfHour(world: World, index: number, counts: Counts): HourOfTraffic {
  const hour = hourOf(world, index);
  const minuteOf = (offset: number) => Math.floor((hour.start + millisecondOf(offset)) / minuteMs);
  const countryOf = (country: number) => world.countries[country] ?? '';

  const entries: Entry[] = managerNoise(world, hour, counts.health, counts.api);
  // What is added must leave everything else as it is: its lines have draws of their own.
  const write = (requests: readonly ServiceRequest[], path: number): RequestFact[] => {
    const random = createRandom(world.parameters.seed, path, index);
    return requests.map((request) => {
      const written = writeRequest(request, world, hour, random);
      entries.push(...written.entries);
      return {
        minute: minuteOf(request.offsetNanoseconds),
        service: written.loggedService,
        type: request.type,
        user: request.user,
        country: countryOf(request.country),
        outcome: outcomeOf(request.status, request.user),
      };
    });
  };
  const requests = [
    ...write(requestsOfHour(world, hour, counts.requests), randomPaths.lines),
    ...write(inventedRequestsOfHour(world, hour, counts.invented), randomPaths.inventedLines),
  ];
  const ingress = [
    ingressOfHour(world, hour, counts.exposed, counts.ingressNoise),
    inventedExposedOfHour(world, hour, counts.inventedExposed),
  ];
  entries.push(...ingress.flatMap((part) => part.entries));
  entries.sort((left, right) => left.offsetNanoseconds - right.offsetNanoseconds);
  return {
    start: hour.start,
    entries,
    requests,
    exposed: ingress
      .flatMap((part) => part.exposed)
      .map(({ offsetNanoseconds, service, country, outcome }) => ({
        minute: minuteOf(offsetNanoseconds),
        service,
        country: countryOf(country),
        outcome,
      })),
  };
}
