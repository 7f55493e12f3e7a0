import { createHash } from 'node:crypto';

import { timestampText } from './entry';
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
      /\[GIN-EXECUTIONS-LOGGER\] .* \| POST +\/(run|job)\/([^/ ]*)\S* \| ([^|]*?)(?: \| (\S+) \| oscar-svc\S*)?$/;
    const stated = managerLines.flatMap((line) => {
      const [, kind, target, user, logged] = request.exec(line) ?? [];
      return kind === undefined ? [] : [`${kind === 'run' ? 'sync' : 'async'} ${logged ?? target} ${user}`];
    });
    const known = facts.map(({ type, service, user }) => `${type} ${service} ${user}`);
    expect(stated.sort()).toEqual(known.sort());
  });

  it('has every form of line', () => {
    const forms = {
      oldStamp: /^\[GIN-EXECUTIONS-LOGGER\] \d{4}\/\d\d\/\d\d - /,
      criPrefix: /^\d{4}-\d\d-\d\dT\S+Z stderr F \[GIN-EXECUTIONS-LOGGER\]/,
      rfc3339: /^\[GIN-EXECUTIONS-LOGGER\] \d{4}-\d\d-\d\dT/,
      eightFields: /\| POST .* \| [^|]* \| \S+ \| oscar-svc\S*$/,
      health: /GET +\/health/,
      framework: /^\[GIN\] /,
      moreSegments: /\/extra\/path \|/,
      emptyUser: / \| $/,
      nginx: /"(GET|POST) \/system\/services\/\S+ HTTP\/1.1" .* \[oscar-svc/,
      traefikJson: /^{"ClientAddr".*"RequestPath":"\/system\/services\//,
      traefikCommon: /websecure-oscar@kubernetes/,
      notExposed: /\/exposedx/,
    };
    for (const [form, pattern] of Object.entries(forms)) {
      expect({ form, found: entries.some(({ line }) => pattern.test(line)) }).toEqual({ form, found: true });
    }
    expect(facts.some(({ service }) => !isServiceName(service))).toBe(true);
    expect(facts.some(({ country }) => country === '')).toBe(true);
  });

  it('keeps the number of streams near the number of countries', () => {
    expect(new Set(entries.map(({ stream }) => stream.key)).size).toBeLessThanOrEqual(12 + 2 + 1 + 10);
  });
});
