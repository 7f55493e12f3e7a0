import { hourMs, minuteMs } from '../../src/core/domain/duration';
import { countryCodes } from './countries';
import { createNodes, type Node } from './nodes';
import { hoursOf, startOf, type TrafficParameters } from './parameters';
import { createPicker, type Picker, type Random } from './random';
import { createServices, isDeployed, type Service } from './services';
import { createStreams, type Streams } from './streams';
import { createUsers, type Users } from './users';

/** Everything that lasts: who there is and where. Events happen within it. */
export interface World {
  parameters: TrafficParameters;
  services: readonly Service[];
  nodes: readonly Node[];
  users: Users;
  /** ISO 3166-1 alpha-2 codes, most popular first. A country is a position in this list. */
  countries: readonly string[];
  streams: Streams;
}

export function createWorld(parameters: TrafficParameters): World {
  const services = createServices(parameters);
  const countries = countryCodes(parameters.countries);
  return {
    parameters,
    services,
    nodes: createNodes(parameters),
    users: createUsers(parameters, services),
    countries,
    streams: createStreams(countries),
  };
}

/** One hour of the span. */
export interface Hour {
  /** Position in the span, from 0. */
  index: number;
  /** Milliseconds since the epoch. */
  start: number;
  /** How much of the span has passed, 0 to 1: log formats change over time. */
  progress: number;
  /** Draws from the services that are deployed in this hour, by popularity. */
  pickService: Picker;
  /** The same among those that stand behind the ingress; undefined when there is none. */
  pickExposed?: Picker;
}

export function hourOf(world: World, index: number): Hour {
  const start = startOf(world.parameters) + index * hourMs;
  const weights = world.services.map((service) => (isDeployed(service, start) ? service.weight : 0));
  const exposed = world.services.map((service, position) => (service.standing !== undefined ? weights[position]! : 0));
  return {
    index,
    start,
    progress: index / hoursOf(world.parameters),
    pickService: createPicker(weights),
    pickExposed: exposed.some((weight) => weight > 0) ? createPicker(exposed) : undefined,
  };
}

const lastMillisecond = hourMs - 1;

/**
 * A random moment of the hour, as nanoseconds after its start. The millisecond is drawn first and then approached from
 * below, so that every entry belongs to exactly this hour by the contract's rule. A few fall on a whole second or
 * minute: exact boundaries and several lines at one nanosecond must be counted right, too.
 */
export function randomOffset(random: Random): number {
  const kind = random.float();
  const millisecond = random.integer(0, lastMillisecond);
  const remainder = random.integer(0, 999_999);
  if (kind < 0.002) {
    return (millisecond - (millisecond % minuteMs)) * 1_000_000;
  }
  return kind < 0.01 ? (millisecond - (millisecond % 1_000)) * 1_000_000 : millisecond * 1_000_000 - remainder;
}
