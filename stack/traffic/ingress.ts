import { instantOf, type Entry } from './entry';
import { privateAddress, publicAddress } from './formats';
import { type Backend, nginxCombined, traefikCommon, traefikJson, type LineWriter } from './ingressLines';
import { inventedName } from './invented';
import { exposedOutcomeOf, type Outcome } from './outcomes';
import { createPicker, createRandom, zipfWeights, type Random } from './random';
import { randomPaths } from './randomPaths';
import type { Service } from './services';
import { ingressCountries } from './streams';
import { invalidService } from './truthFile';
import { randomOffset, type Hour, type World } from './world';

/** The cluster moved from ingress-nginx to Traefik here. */
const traefikFrom = 0.6;
const ingressHost = 'oscar.example.org';

/** A request to an exposed service, as the ingress controller sees it: it knows no user. */
export interface ExposedRequest {
  offsetNanoseconds: number;
  service: string;
  /** Position in the world's countries, or -1 when the line has no country label. */
  country: number;
  outcome: Outcome;
}

/** One hour of ingress traffic: the exposed requests, and the lines of them and of everything else. */
export interface IngressHour {
  exposed: ExposedRequest[];
  entries: Entry[];
}

/** A request before the controller writes it down. */
interface Attempt {
  path: string;
  host: string;
  status: number;
  backend?: Backend;
  hasRoute: boolean;
  isGateway: boolean;
  write: LineWriter;
  /** The key under which it counts as a request to an exposed service; undefined: it is none. */
  service?: string;
}

const restsOfExposed = [
  '',
  '/',
  '/api/v1/predict',
  '/static/app.js',
  '?token=abc',
  '/api?x=1',
  '/lab/tree/a%20b.ipynb',
];

/** The named numbers of lines; without a deployed exposed service there are no exposed requests. */
export function ingressOfHour(world: World, hour: Hour, exposedCount: number, noiseCount: number): IngressHour {
  const random = createRandom(world.parameters.seed, randomPaths.ingress, hour.index);
  const { pickExposed } = hour;
  const exposed =
    pickExposed === undefined
      ? []
      : Array.from({ length: exposedCount }, () =>
          exposedAttempt(world.services[pickExposed(random)]!, isTraefik(hour), random)
        );
  const noise = Array.from({ length: noiseCount }, () => noiseAttempt(isTraefik(hour), random));
  return written(world, hour, [...exposed, ...noise], random);
}

/** The ingress' share of the parameter `invented` in one hour: names that nobody has, one as rare as the other. */
export function inventedExposedOfHour(world: World, hour: Hour, count: number): IngressHour {
  const random = createRandom(world.parameters.seed, randomPaths.inventedExposed, hour.index);
  const attempts = Array.from({ length: count }, () => strayAttempt(inventedName(random), isTraefik(hour), random));
  return written(world, hour, attempts, random);
}

function isTraefik(hour: Hour): boolean {
  return hour.progress >= traefikFrom;
}

/** A request to a service, most by the path, since Traefik many by a DNS name; some find nobody. */
function exposedAttempt(service: Service, traefik: boolean, random: Random): Attempt {
  const kind = random.float();
  if (kind < 0.03) {
    return strayAttempt(kind < 0.02 ? inventedName(random) : service.name, traefik, random);
  }
  const rest = random.pick(restsOfExposed);
  const common = {
    // What the service itself answers is no refusal, whatever it is.
    status: random.chance(0.94) ? 200 : random.pick([304, 400, 401, 403, 404, 500, 502]),
    backend: backendOf(service),
    hasRoute: true,
  };
  if (traefik && kind >= 0.6) {
    // Somebody else's name for it, a name in capitals, or the plain one.
    const isAlias = kind >= 0.995;
    const name = isAlias ? 'www' : kind >= 0.985 ? service.name.toUpperCase() : service.name;
    return {
      ...common,
      path: rest.startsWith('/') ? rest : `/${rest}`,
      host: `${name}.${ingressHost}${kind < 0.65 ? ':443' : ''}`,
      isGateway: true,
      write: traefikJson,
      service: isAlias ? invalidService : service.name,
    };
  }
  return {
    ...common,
    path: `/system/services/${service.name}/exposed${rest}`,
    host: ingressHost,
    // Some routes of the path's form are the gateway's: a line of both kinds counts once.
    isGateway: traefik && kind >= 0.5,
    write: pathWriter(traefik, random),
    service: service.name,
  };
}

/** A request to a service that is not there, or that the ingress lets nobody through to. */
function strayAttempt(name: string, traefik: boolean, random: Random): Attempt {
  const isDenied = traefik && random.chance(0.2);
  return {
    path: `/system/services/${name}/exposed/${random.chance(0.3) ? random.hex(6) : ''}`,
    host: ingressHost,
    status: isDenied ? random.pick([401, 403]) : random.pick([404, 404, 404, 405]),
    hasRoute: isDenied,
    isGateway: false,
    write: pathWriter(traefik, random),
    service: name,
  };
}

function pathWriter(traefik: boolean, random: Random): LineWriter {
  return traefik ? (random.chance(0.7) ? traefikJson : traefikCommon) : nginxCombined;
}

function backendOf({ name, namespace, standing }: Service): Backend {
  if (standing === 'kserve-large') {
    return { namespace, name: `${name}-kserve-workload-svc`, port: 8000 };
  }
  return { namespace, name: standing === 'kserve' ? `${name}-predictor` : `${name}-svc`, port: 80 };
}

/** Paths that a careless pattern would take for an exposed request, and ordinary ones. */
const noisePaths = [
  '/',
  '/health',
  '/ui/',
  '/system/services',
  '/system/services/cowsay',
  '/system/services/cowsay/exposedx',
  '/other/system/services/cowsay/exposed/',
  '/login?next=/system/services/',
];

function noiseAttempt(traefik: boolean, random: Random): Attempt {
  return {
    path: random.pick(noisePaths),
    host: ingressHost,
    status: random.chance(0.96) ? 200 : random.pick([304, 401, 404, 502]),
    backend: { namespace: 'oscar', name: 'oscar', port: 8080 },
    hasRoute: true,
    isGateway: false,
    write: pathWriter(traefik, random),
  };
}

function written(world: World, hour: Hour, attempts: readonly Attempt[], random: Random): IngressHour {
  // Half of the clients, being inside or elsewhere, have no label; the others are in the few labelled countries.
  const labelled = Math.min(ingressCountries, world.countries.length);
  const pickCountry = createPicker([0.8, ...zipfWeights(labelled, 1)]);
  const result: IngressHour = { exposed: [], entries: [] };
  for (const { write, service, ...attempt } of attempts) {
    const country = pickCountry(random) - 1;
    const offsetNanoseconds = randomOffset(random);
    const request = {
      ...instantOf(hour.start, offsetNanoseconds),
      ...attempt,
      address: country < 0 ? privateAddress(random) : publicAddress(random),
      method: random.chance(0.85) ? 'GET' : 'POST',
    };
    const stream = world.streams.ingress(isTraefik(hour) ? 'traefik' : 'ingress-nginx', country);
    result.entries.push({ offsetNanoseconds, stream, line: write(request, random) });
    if (service !== undefined) {
      const outcome = exposedOutcomeOf(attempt.status, attempt.backend !== undefined);
      result.exposed.push({ offsetNanoseconds, service, country, outcome });
    }
  }
  return result;
}
