import { instantOf, type Entry } from './entry';
import { commonLogStamp, privateAddress, publicAddress, rfc3339 } from './formats';
import { createPicker, createRandom, zipfWeights, type Random } from './random';
import { randomPaths } from './randomPaths';
import { ingressCountries } from './streams';
import { randomOffset, type Hour, type World } from './world';

/** The cluster moved from ingress-nginx to Traefik here. */
const traefikFrom = 0.6;

/** A request to an exposed service, as the ingress controller sees it: it knows no user. */
export interface ExposedRequest {
  offsetNanoseconds: number;
  service: string;
  /** Position in the world's countries, or -1 when the line has no country label. */
  country: number;
}

/** One hour of ingress traffic: the exposed requests, and the lines of them and of everything else. */
export interface IngressHour {
  exposed: ExposedRequest[];
  entries: Entry[];
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
  // Half of the clients, being inside or elsewhere, have no label; the others are in the few labelled countries.
  const labelled = Math.min(ingressCountries, world.countries.length);
  const pickCountry = createPicker([0.8, ...zipfWeights(labelled, 1)]);
  const write = (path: string) => {
    const country = pickCountry(random) - 1;
    const offsetNanoseconds = randomOffset(random);
    return { country, offsetNanoseconds, entry: writeLine(world, hour, offsetNanoseconds, country, path, random) };
  };
  const result: IngressHour = { exposed: [], entries: [] };
  if (hour.pickExposed !== undefined) {
    for (let count = 0; count < exposedCount; count++) {
      const service = world.services[hour.pickExposed(random)]!.name;
      const rest = random.pick(restsOfExposed);
      const { country, offsetNanoseconds, entry } = write(`/system/services/${service}/exposed${rest}`);
      result.exposed.push({ offsetNanoseconds, service, country });
      result.entries.push(entry);
    }
  }
  for (let count = 0; count < noiseCount; count++) {
    result.entries.push(write(noisePath(random)).entry);
  }
  return result;
}

/** Paths that a careless pattern would take for an exposed request, and ordinary ones. */
function noisePath(random: Random): string {
  return random.pick([
    '/',
    '/health',
    '/ui/',
    '/system/services',
    '/system/services/cowsay',
    '/system/services/cowsay/exposedx',
    '/other/system/services/cowsay/exposed/',
    '/login?next=/system/services/',
  ]);
}

function writeLine(
  world: World,
  hour: Hour,
  offsetNanoseconds: number,
  country: number,
  path: string,
  random: Random
): Entry {
  const { time, nanoseconds } = instantOf(hour.start, offsetNanoseconds);
  const request: LoggedRequest = {
    time,
    nanoseconds,
    path,
    address: country < 0 ? privateAddress(random) : publicAddress(random),
    method: random.chance(0.85) ? 'GET' : 'POST',
    status: random.chance(0.96) ? 200 : random.pick([304, 401, 404, 502]),
  };
  const isTraefik = hour.progress >= traefikFrom;
  const write = isTraefik ? (random.chance(0.7) ? traefikJson : traefikCommon) : nginxCombined;
  return {
    offsetNanoseconds,
    stream: world.streams.ingress(isTraefik ? 'traefik' : 'ingress-nginx', country),
    line: write(request, random),
  };
}

interface LoggedRequest {
  time: number;
  nanoseconds: number;
  path: string;
  address: string;
  method: string;
  status: number;
}

const agents = ['curl/8.7.1', 'python-requests/2.32.3', 'Mozilla/5.0 (X11; Linux x86_64)', '-'];

function nginxCombined({ time, path, address, method, status }: LoggedRequest, random: Random): string {
  const size = random.integer(0, 20_000);
  const seconds = (random.logNormal(20, 1) / 1000).toFixed(3);
  const pod = `10.244.0.${random.integer(2, 254)}:80`;
  return (
    `${address} - - [${commonLogStamp(time)}] "${method} ${path} HTTP/1.1" ${status} ${size} "-" "${random.pick(agents)}" ` +
    `${random.integer(80, 900)} ${seconds} [oscar-svc-backend-svc-80] [] ${pod} ${size} ${seconds} ${status} ${random.hex(32)}`
  );
}

function traefikJson({ time, nanoseconds, path, address, method, status }: LoggedRequest, random: Random): string {
  return JSON.stringify({
    ClientAddr: `${address}:${random.integer(1024, 65_535)}`,
    RequestMethod: method,
    RequestPath: path,
    DownstreamStatus: status,
    Duration: Math.round(random.logNormal(20e6, 1)),
    StartUTC: rfc3339(time, nanoseconds, 9),
  });
}

function traefikCommon({ time, path, address, method, status }: LoggedRequest, random: Random): string {
  return (
    `${address} - - [${commonLogStamp(time)}] "${method} ${path} HTTP/1.1" ${status} ${random.integer(0, 20_000)} "-" ` +
    `"${random.pick(agents)}" ${random.integer(1, 1_000_000)} "websecure-oscar@kubernetes" ` +
    `"http://10.42.0.${random.integer(2, 254)}:8080" ${random.integer(1, 900)}ms`
  );
}
