import { instantOf, type Entry } from './entry';
import { goDuration, privateAddress, publicAddress, rfc3339, slashStamp } from './formats';
import { createRandom, type Random } from './random';
import { randomPaths } from './randomPaths';
import type { ServiceRequest } from './requests';
import type { Service } from './services';
import type { Stream } from './streams';
import { randomOffset, type Hour, type World } from './world';

/** The manager's new version, which writes RFC 3339 stamps, was rolled out here. */
const newStampsFrom = 0.5;
/** From here on some of its replicas write the eight-field form. */
const eightFieldsFrom = 0.75;

/** The service that a line names where it is not the path's first segment: field 7 of the eight-field form. */
export interface WrittenRequest {
  entries: Entry[];
  loggedService: string;
}

interface LogFields {
  status: number;
  latencyNanoseconds: number;
  address: string;
  method: string;
  path: string;
  user: string;
}

/** The lines that the manager writes about one request: the executions logger's and perhaps the framework's. */
export function writeRequest(request: ServiceRequest, world: World, hour: Hour, random: Random): WrittenRequest {
  const { offsetNanoseconds, service, country } = request;
  const byName = world.streams.isNamed(country) && random.chance(0.15);
  const stream = world.streams.manager(country, byName);
  const form = random.float();
  const tail = tailOf(service, hour, form);
  const logged = tail === '' || tail === emptyTail ? undefined : service?.name;
  const fields: LogFields = {
    ...request,
    address: country < 0 ? privateAddress(random) : publicAddress(random),
    method: 'POST',
    path: `/${request.type === 'sync' ? 'run' : 'job'}/${request.target}${request.pathRest}`,
  };
  const entries = [{ offsetNanoseconds, stream, line: executionsLine(hour, offsetNanoseconds, fields, random) + tail }];
  if (random.chance(0.5)) {
    entries.push(frameworkEntry(hour, offsetNanoseconds, stream, fields));
  }
  return { entries, loggedService: logged ?? request.target };
}

const emptyTail = ' |  | ';

/** Fields 7 and 8, which only some replicas write: empty where they resolved no service. `form` is a draw in [0, 1). */
function tailOf(service: Service | undefined, { progress }: Hour, form: number): string {
  if (progress < eightFieldsFrom) {
    return '';
  }
  if (service === undefined) {
    return form < 0.6 ? emptyTail : '';
  }
  return form < 0.3 ? ` | ${service.name} | ${service.namespace}` : form >= 0.97 ? emptyTail : '';
}

/** Lines of the manager that are no requests: health checks and the management API. */
export function managerNoise(world: World, hour: Hour, healthCount: number, apiCount: number): Entry[] {
  const random = createRandom(world.parameters.seed, randomPaths.managerNoise, hour.index);
  const stream = world.streams.manager(-1, false);
  const calls = [
    ['GET', '/system/services'],
    ['POST', '/system/services'],
    ['GET', '/system/config'],
    ['DELETE', '/system/logs/cowsay'],
    ['GET', '/run/cowsay'],
  ] as const;
  const createNoise = (method: string, path: string, user: string): Entry => {
    const offsetNanoseconds = randomOffset(random);
    const latencyNanoseconds = random.logNormal(60_000, 0.8);
    const fields = { status: 200, latencyNanoseconds, address: privateAddress(random), method, path, user };
    return { offsetNanoseconds, stream, line: executionsLine(hour, offsetNanoseconds, fields, random) };
  };
  return [
    ...Array.from({ length: healthCount }, () => createNoise('GET', '/health', 'nil')),
    ...Array.from({ length: apiCount }, () => {
      const [method, path] = random.pick(calls);
      return createNoise(method, path, 'oscar');
    }),
  ];
}

function executionsLine(hour: Hour, offsetNanoseconds: number, fields: LogFields, random: Random): string {
  const { time, nanoseconds } = instantOf(hour.start, offsetNanoseconds);
  const isNew = hour.progress >= newStampsFrom;
  const stamp = isNew ? rfc3339(time, nanoseconds, random.chance(0.5) ? 6 : 0) : slashStamp(time);
  // The prefix of the container runtime, where the log pipeline did not take it off.
  const prefix = !isNew && random.chance(0.3) ? `${rfc3339(time, nanoseconds, 9)} stderr F ` : '';
  const { status, latencyNanoseconds, address, method, path, user } = fields;
  const latency = goDuration(latencyNanoseconds).padStart(13);
  return `${prefix}[GIN-EXECUTIONS-LOGGER] ${stamp} | ${status} | ${latency} | ${address} | ${method.padEnd(7)} ${path} | ${user}`;
}

/** The web framework's own line about the same request, written just after it but never in the next millisecond. */
function frameworkEntry(hour: Hour, offset: number, stream: Stream, fields: LogFields): Entry {
  const roomNanoseconds = Math.ceil(offset / 1_000_000) * 1_000_000 - offset;
  const { status, latencyNanoseconds, address, method, path } = fields;
  const latency = goDuration(latencyNanoseconds).padStart(13);
  const stamp = slashStamp(instantOf(hour.start, offset).time);
  return {
    offsetNanoseconds: offset + Math.min(roomNanoseconds, 30_000),
    stream,
    line: `[GIN] ${stamp} | ${status} | ${latency} | ${address.padStart(15)} | ${method.padEnd(7)}  "${path}"`,
  };
}
