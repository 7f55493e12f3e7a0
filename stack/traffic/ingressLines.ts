// The lines that ingress controllers write about one request, in their usual formats.
import { commonLogStamp, rfc3339 } from './formats';
import type { Random } from './random';

/** A Kubernetes Service behind the ingress. */
export interface Backend {
  namespace: string;
  name: string;
  port: number;
}

export interface LoggedRequest {
  time: number;
  nanoseconds: number;
  /** Host that the client named. */
  host: string;
  path: string;
  address: string;
  method: string;
  status: number;
  /** Undefined: nobody was asked. */
  backend?: Backend;
  /** Whether a route fitted, also where it then let nobody through. */
  hasRoute: boolean;
  /** Whether the route is one of the Gateway API, else an Ingress. */
  isGateway: boolean;
}

export type LineWriter = (request: LoggedRequest, random: Random) => string;

const agents = ['curl/8.7.1', 'python-requests/2.32.3', 'Mozilla/5.0 (X11; Linux x86_64)', '-'];

/** The usual `log_format` of ingress-nginx, which names the upstream but no host. */
export const nginxCombined: LineWriter = ({ time, path, address, method, status, backend }, random) => {
  const size = random.integer(0, 20_000);
  const seconds = (random.logNormal(20, 1) / 1000).toFixed(3);
  const answered = `10.244.0.${random.integer(2, 254)}:${backend?.port ?? 8181} ${size} ${seconds} ${status}`;
  const [upstream, answer] = backend
    ? [`${backend.namespace}-${backend.name}-${backend.port}`, answered]
    : // Without a default backend nginx answers itself.
      random.pick([
        ['upstream-default-backend', answered],
        ['-', '- - - -'],
        ['', '- - - -'],
      ]);
  return (
    `${address} - - [${commonLogStamp(time)}] "${method} ${path} HTTP/1.1" ${status} ${size} "-" "${random.pick(agents)}" ` +
    `${random.integer(80, 900)} ${seconds} [${upstream}] [] ${answer} ${random.hex(32)}`
  );
};

/** Traefik's access log as JSON: keys sorted, those without a value absent. */
export const traefikJson: LineWriter = (request, random) => {
  const { time, nanoseconds, host, path, address, method, status, backend, hasRoute, isGateway } = request;
  const provider = isGateway ? 'kubernetesgateway' : 'kubernetes';
  const route = backend ? `${backend.namespace}-${backend.name}` : 'oscar-denied';
  const server = `10.42.0.${random.integer(2, 254)}:8080`;
  // Some installations drop the field.
  const hasHost = random.chance(0.95);
  return JSON.stringify({
    ClientAddr: `${address}:${random.integer(1024, 65_535)}`,
    DownstreamStatus: status,
    Duration: Math.round(random.logNormal(20e6, 1)),
    RequestAddr: host,
    ...(hasHost && { RequestHost: host }),
    RequestMethod: method,
    RequestPath: path,
    ...(hasRoute && { RouterName: `websecure-${route}@${provider}` }),
    ...(backend && {
      ServiceAddr: server,
      ServiceName: `${backend.namespace}-${backend.name}-${backend.port}@${provider}`,
    }),
    StartUTC: rfc3339(time, nanoseconds, 9),
    entryPointName: 'websecure',
    level: 'info',
    msg: '',
  });
};

/** Traefik's common log format, which names the server but neither host nor service. */
export const traefikCommon: LineWriter = (request, random) => {
  const { time, path, address, method, status, backend, hasRoute, isGateway } = request;
  const provider = isGateway ? 'kubernetesgateway' : 'kubernetes';
  const server = backend ? `http://10.42.0.${random.integer(2, 254)}:8080` : '-';
  return (
    `${address} - - [${commonLogStamp(time)}] "${method} ${path} HTTP/1.1" ${status} ${random.integer(0, 20_000)} "-" ` +
    `"${random.pick(agents)}" ${random.integer(1, 1_000_000)} "${hasRoute ? `websecure-oscar@${provider}` : '-'}" ` +
    `"${server}" ${random.integer(1, 900)}ms`
  );
};
