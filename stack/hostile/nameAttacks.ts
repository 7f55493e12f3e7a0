// What anybody can do who reaches OSCAR or the ingress controller.
import { traefikCommon, traefikJson } from '../traffic/ingressLines';
import { inventedName } from '../traffic/invented';
import { type Attack, instants, type Line, managerLine, nobody, ownService, publicAddress } from './attack';

/** Countries that the attackers' addresses are in. */
const countries = ['US', 'CN', 'NL', 'SG', undefined];
const ingressHost = 'oscar.example.org';

/** Names by the thousand: each would be a row, a series and a question of its own. */
export const inventedNames: Attack = {
  name: 'invented-names',
  about: 'anybody calls services that do not exist, a different one each time',
  lines(day) {
    const { random, scale } = day;
    const calls = instants(day, 4_000 * scale).map((time) => ({
      time,
      status: random.chance(0.85) ? 404 : 401,
      address: publicAddress(random),
      country: random.pick(countries),
      user: nobody,
      prefix: random.pick(['/job/', '/run/']),
      name: inventedName(random),
    }));
    return {
      hostile: calls.map(({ prefix, name, ...call }) => managerLine({ ...call, path: `${prefix}${name}` })),
      truth: calls.map(({ prefix, ...call }) => managerLine({ ...call, path: `${prefix}${ownService}` })),
    };
  },
};

/** The same through the ingress controller, which found no backend. */
export const inventedExposed: Attack = {
  name: 'invented-exposed',
  about: 'anybody calls exposed services that do not exist',
  lines(day) {
    const { random, scale } = day;
    const made = instants(day, 1_500 * scale).map((time) => {
      const request = {
        time,
        nanoseconds: 0,
        host: ingressHost,
        address: publicAddress(random),
        method: 'GET',
        status: random.pick([404, 404, 401, 403, 405]),
        hasRoute: false,
        isGateway: false,
      };
      const write = random.chance(0.7) ? traefikJson : traefikCommon;
      const pathOf = (name: string) => `/system/services/${name}/exposed/`;
      const lineOf = (name: string): Line => {
        return { time, log: 'traefik', text: write({ ...request, path: pathOf(name) }, random), outcome: 'rejected' };
      };
      return { hostile: lineOf(inventedName(random)), truth: lineOf(ownService) };
    });
    return { hostile: made.map(({ hostile }) => hostile), truth: made.map(({ truth }) => truth) };
  },
};

/** Texts that a careless pattern takes for a request to an exposed service. */
export const exposedTexts: Attack = {
  name: 'exposed-texts',
  about: 'anybody writes the path of an exposed service into referrer, agent, host and query',
  lines(day) {
    const { random, scale, victim } = day;
    const wanted = `/system/services/${victim.service}/exposed/`;
    const request = `GET ${wanted} HTTP/1.1`;
    const clf = (time: number, parts: { path?: string; referrer?: string; agent?: string }) => {
      const stamp = new Date(time).toISOString();
      const { path = '/', referrer = '-', agent = 'curl/8.7.1' } = parts;
      return `203.0.113.9 - - [${stamp}] "GET ${path} HTTP/1.1" 404 19 "${referrer}" "${agent}" 7 ` + '"-" "-" 1ms';
    };
    const kinds: Array<(time: number) => string> = [
      (time) => clf(time, { path: `/?next=${wanted}` }),
      (time) => clf(time, { referrer: `https://${ingressHost}${wanted}` }),
      (time) => clf(time, { agent: request }),
      (time) => clf(time, { agent: `x \\"${request}\\" 200` }),
      (time) => clf(time, { path: `/other${wanted}` }),
      (time) =>
        JSON.stringify({
          DownstreamStatus: 404,
          RequestHost: `"RequestPath":"${wanted}"`,
          RequestMethod: 'GET',
          RequestPath: `/x?"RequestPath":"${wanted}"`,
          StartUTC: new Date(time).toISOString(),
          level: 'info',
        }),
    ];
    const hostile = instants(day, 120 * scale).map((time): Line => {
      return { time, log: 'traefik', text: random.pick(kinds)(time) };
    });
    return { hostile, truth: [] };
  },
};
