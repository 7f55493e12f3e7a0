import type { TrafficParameters } from './parameters';
import { createPicker, createRandom, zipfWeights, type Picker, type Random } from './random';
import { randomPaths } from './randomPaths';
import type { Service } from './services';

export interface User {
  /** As the manager logs it; empty when nobody was named. */
  id: string;
  /** Index of the home country, or -1 for somebody inside the cluster's own network. */
  home: number;
  /** Indices of the services that this user mostly works with. */
  favourites: readonly number[];
  /** Bucket events: always asynchronous, always from a private address. */
  isEvent: boolean;
}

export interface Users {
  list: readonly User[];
  pick: Picker;
}

/** Users without a person behind them, and their share of all requests. */
const technical = [
  { id: 'minio', share: 0.06, isEvent: true },
  { id: 'rustfsadmin', share: 0.015, isEvent: true },
  { id: 'rustfs-events', share: 0.005, isEvent: true },
  { id: 'oscar', share: 0.06, isEvent: false },
  { id: 'nil', share: 0.04, isEvent: false },
  { id: 'console', share: 0.01, isEvent: true },
  { id: '', share: 0.005, isEvent: false },
] as const;

/** The users of the whole span; people follow Zipf's law in how much they do. */
export function createUsers(parameters: TrafficParameters, services: readonly Service[]): Users {
  const random = createRandom(parameters.seed, randomPaths.users);
  const pickCountry = createPicker(zipfWeights(parameters.countries, 1.1));
  const pickService = createPicker(services.map((service) => service.weight));
  const people = parameters.users - technical.length;
  const list: User[] = [
    ...technical.map(({ id, isEvent }) => ({
      id,
      home: isEvent ? -1 : pickCountry(random),
      favourites: favouritesOf(10, pickService, random),
      isEvent,
    })),
    ...Array.from({ length: people }, (_, index) => ({
      id: personId(index, random),
      home: random.chance(0.06) ? -1 : pickCountry(random),
      favourites: favouritesOf(random.integer(1, 6), pickService, random),
      isEvent: false,
    })),
  ];
  const zipf = zipfWeights(people, 0.95);
  const sum = zipf.reduce((left, right) => left + right, 0);
  const personShare = 1 - technical.reduce((left, { share }) => left + share, 0);
  return {
    list,
    pick: createPicker([...technical.map(({ share }) => share), ...zipf.map((weight) => (weight / sum) * personShare)]),
  };
}

/** OIDC subjects as identity providers write them: EGI Check-in's hash, a UUID, or something like an address. */
function personId(index: number, random: Random): string {
  const kind = random.float();
  if (kind < 0.6) {
    return `${random.hex(64)}@egi.eu`;
  }
  return kind < 0.85 ? random.uuid() : `user-${index}@${random.pick(['upv.es', 'example.org', 'lab.example.eu'])}`;
}

function favouritesOf(count: number, pickService: Picker, random: Random): number[] {
  return Array.from({ length: count }, () => pickService(random));
}
