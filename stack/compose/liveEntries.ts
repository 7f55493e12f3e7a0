import type { Network } from '../pipeline/mmdb';

/** Networks for benchmarks (RFC 2544), of countries that are invented here. */
export const liveNetworks: readonly Network[] = [
  ['198.18.0.0/24', 'ES'],
  ['198.18.1.0/24', 'PT'],
  ['198.18.2.0/24', 'FR'],
];

const services = ['cowsay', 'plants-classification', 'notebook'];
const users = ['alice@example.org', 'bob@example.org', 'nil', 'oscar'];

/**
 * The entries that a node writes into its files at one moment: a request, a probe, now and then another call, and a request to an exposed
 * service. `number` counts the moments.
 */
export function liveEntries(number: number, now: Date): Record<'manager' | 'ingress', string> {
  const time = now.toISOString();
  const address = number % 5 === 4 ? '10.42.0.1' : `198.18.${number % 3}.${(number % 250) + 1}`;
  const service = services[number % services.length];
  const user = users[number % users.length];
  const [kind, status] = number % 3 === 0 ? ['run', 200] : ['job', 201];
  const stamp = `${time.slice(0, 10).replaceAll('-', '/')} - ${time.slice(11, 19)}`;
  const manager = [
    `[GIN-EXECUTIONS-LOGGER] ${time} | ${number % 20 === 19 ? 500 : status} |   12.345678ms | ${address} | POST    /${kind}/${service} | ${user}`,
    `[GIN] ${stamp} | 200 |     34.5µs |       10.42.0.1 | GET      "/health"`,
    ...(number % 10 === 0
      ? [`[GIN-EXECUTIONS-LOGGER] ${time} | 200 |   1.2ms | 10.42.0.1 | GET     /system/services | oscar`]
      : []),
  ];
  const ingress = [
    JSON.stringify({
      ClientAddr: `${address}:4711`,
      ClientHost: address,
      DownstreamStatus: 200,
      RequestMethod: 'GET',
      RequestPath: number % 2 === 0 ? `/system/services/notebook/exposed/lab?token=secret` : '/ui/',
      ServiceName: 'x@kubernetes',
      StartUTC: time,
    }),
  ];
  const entries = (lines: readonly string[]) =>
    lines.map((line, index) => `${time.slice(0, -1)}${String(index).padStart(6, '0')}Z stderr F ${line}\n`).join('');
  return { manager: entries(manager), ingress: entries(ingress) };
}
