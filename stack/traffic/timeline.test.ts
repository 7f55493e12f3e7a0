import { createHash } from 'node:crypto';

import { timestampText } from './entry';
import { outcomeOf } from './outcomes';
import { createParameters, type TrafficParameters } from './parameters';
import { isServiceName } from './services';
import { trafficHours, type HourOfTraffic } from './timeline';
import { createWorld } from './world';

const small: Partial<TrafficParameters> = {
  days: 20,
  lines: 6_000,
  services: 20,
  users: 100,
  countries: 12,
  end: Date.parse('2026-06-15T10:00:00Z'),
};

function generate(given: Partial<TrafficParameters> = {}): HourOfTraffic[] {
  return [...trafficHours(createWorld(createParameters({ ...small, ...given })))];
}

function digest(hours: readonly HourOfTraffic[]): string {
  const hash = createHash('sha256');
  for (const { start, entries } of hours) {
    entries.forEach((entry) =>
      hash.update(timestampText(start, entry.offsetNanoseconds) + entry.stream.key + entry.line)
    );
  }
  return hash.digest('hex');
}

describe('trafficHours', () => {
  const hours = generate();
  const entries = hours.flatMap((hour) =>
    hour.entries.map((entry) => ({ ...entry, time: BigInt(timestampText(hour.start, entry.offsetNanoseconds)) }))
  );
  const facts = hours.flatMap((hour) => hour.requests);
  const managerLines = entries.filter(({ line }) => line.includes('[GIN-EXECUTIONS-LOGGER]')).map(({ line }) => line);

  it('gives the same bytes for the same parameters, and others for another seed', () => {
    expect(digest(generate())).toBe(digest(hours));
    expect(digest(generate({ seed: 2 }))).not.toBe(digest(hours));
  });

  it('has exactly the asked number of requests', () => {
    expect(facts).toHaveLength(6_000);
    const logged = managerLines.filter((line) => / \| POST +\/(run|job)\//.test(line));
    expect(logged).toHaveLength(6_000);
  });

  it('is in time order and within the span', () => {
    const times = entries.map(({ time }) => time);
    expect(times.every((time, index) => index === 0 || times[index - 1]! <= time)).toBe(true);
    const end = BigInt(small.end!) * 1_000_000n;
    const start = end - 20n * 86_400n * 1_000_000_000n;
    // By counting rule 5 the first millisecond of the span begins before it.
    expect(times[0]! > start - 1_000_000n && times.at(-1)! <= end - 1_000_000n).toBe(true);
  });

  it('never repeats a line at one time in a stream, which Loki would keep only once', () => {
    const keys = entries.map(({ time, stream, line }) => `${time} ${stream.key} ${line}`);
    expect(new Set(keys).size).toBe(keys.length);
  });

  it('knows the facts that its lines state', () => {
    const request =
      /\[GIN-EXECUTIONS-LOGGER\] [^|]* \| (\d+) .* \| POST +\/(run|job)\/([^/ ]*)\S* \| ([^|]*?)(?: \| (\S*) \| (?:oscar-svc\S*)?)?$/;
    const stated = managerLines.flatMap((line) => {
      const [, status, kind, target, user = '', logged] = request.exec(line) ?? [];
      const outcome = outcomeOf(Number(status), user);
      return kind === undefined ? [] : [`${kind === 'run' ? 'sync' : 'async'} ${logged || target} ${user} ${outcome}`];
    });
    const known = facts.map(({ type, service, user, outcome }) => `${type} ${service} ${user} ${outcome}`);
    expect(stated.sort()).toEqual(known.sort());
  });

  it('has every form of line', () => {
    const forms = {
      oldStamp: /^\[GIN-EXECUTIONS-LOGGER\] \d{4}\/\d\d\/\d\d - /,
      criPrefix: /^\d{4}-\d\d-\d\dT\S+Z stderr F \[GIN-EXECUTIONS-LOGGER\]/,
      rfc3339: /^\[GIN-EXECUTIONS-LOGGER\] \d{4}-\d\d-\d\dT/,
      eightFields: /\| POST .* \| [^|]* \| \S+ \| oscar-svc\S*$/,
      emptyFields: /\| POST .* \| [^|]* \|  \| $/,
      storage: /\| POST .* \| rustfs/,
      health: /GET +\/health/,
      framework: /^\[GIN\] /,
      moreSegments: /\/extra\/path \|/,
      emptyUser: / \| $/,
      nginx: /"(GET|POST) \/system\/services\/\S+ HTTP\/1.1" .* \[oscar-svc/,
      traefikJson: /^{"ClientAddr".*"RequestPath":"\/system\/services\//,
      nginxNobody: /\/exposed\/\S* HTTP\/1.1" 40\d .* \[(upstream-default-backend|-)?\] \[\]/,
      traefikCommon: /\/exposed.*websecure-oscar@kubernetes.*"http:/,
      traefikCommonNobody: /\/exposed.* "-" "-" \d+ms$/,
      traefikJsonNobody: /"DownstreamStatus":404.*\/exposed\/[^"]*","StartUTC"/,
      dnsName:
        /"RequestHost":"[a-z][-a-z0-9]*\.oscar\.example\.org.*"ServiceName":"oscar-svc\S*-svc-80@kubernetesgateway"/,
      dnsNameInCapitals: /"RequestHost":"[A-Z][-A-Z0-9]*\.oscar\.example\.org/,
      dnsNameWithoutHost:
        /"RequestAddr":"[a-z][-a-z0-9]*\.oscar\.example\.org[:0-9]*","RequestMethod".*kubernetesgateway/,
      kserve: /"ServiceName":"oscar-svc\S*-predictor-80@kubernetesgateway"/,
      kserveLarge: /"ServiceName":"oscar-svc\S*-kserve-workload-svc-8000@kubernetesgateway"/,
      notExposed: /\/exposedx/,
    };
    for (const [form, pattern] of Object.entries(forms)) {
      expect({ form, found: entries.some(({ line }) => pattern.test(line)) }).toEqual({ form, found: true });
    }
    expect(facts.some(({ service }) => !isServiceName(service))).toBe(true);
    expect(facts.some(({ country }) => country === '')).toBe(true);
    const statuses = managerLines.map((line) => Number(/\| (\d{3}) \|/.exec(line)?.[1]));
    expect([...new Set(statuses)].sort()).toEqual([200, 201, 400, 401, 403, 404, 405, 429, 500, 502, 503]);
  });

  it('rejects a few percent, most of them to names that occur once', () => {
    const shareOf = (outcome: string) => facts.filter((fact) => fact.outcome === outcome).length / facts.length;
    expect(shareOf('rejected')).toBeGreaterThan(0.02);
    expect(shareOf('rejected')).toBeLessThan(0.07);
    expect(shareOf('failed')).toBeGreaterThan(0.01);
    const exposed = hours.flatMap((hour) => hour.exposed);
    expect(exposed.filter(({ outcome }) => outcome === 'rejected').length / exposed.length).toBeLessThan(0.06);
    expect(exposed.some(({ service, outcome }) => service === '(invalid)' && outcome === 'succeeded')).toBe(true);
  });

  it('adds requests to invented names in the last day, and leaves everything else as it is', () => {
    const flooded = generate({ invented: 1_000 });
    const linesOf = (of: readonly HourOfTraffic[]) =>
      new Set(
        of.flatMap(({ start, entries: all }) =>
          all.map(({ offsetNanoseconds, stream, line }) => timestampText(start, offsetNanoseconds) + stream.key + line)
        )
      );
    const before = linesOf(hours);
    const after = linesOf(flooded);
    expect([...before].filter((line) => !after.has(line))).toEqual([]);
    const countOf = (of: readonly HourOfTraffic[]) =>
      of.reduce((sum, { requests, exposed }) => sum + requests.length + exposed.length, 0);
    expect(countOf(flooded) - countOf(hours)).toBe(1_000);
    expect(countOf(flooded.slice(0, -24))).toBe(countOf(hours.slice(0, -24)));
    const known = (of: readonly HourOfTraffic[]) =>
      of.flatMap(({ requests, exposed }) => [...requests, ...exposed]).filter(({ outcome }) => outcome !== 'rejected');
    expect(known(flooded)).toEqual(known(hours));
  });

  it('keeps the number of streams near the number of countries', () => {
    expect(new Set(entries.map(({ stream }) => stream.key)).size).toBeLessThanOrEqual(12 + 2 + 1 + 10);
  });
});
