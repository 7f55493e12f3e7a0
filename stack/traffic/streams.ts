import { countryName } from './countries';

/** A Loki stream: its labels, and the same as the text by which streams are told apart. */
export interface Stream {
  labels: Readonly<Record<string, string>>;
  key: string;
}

/** Every so many-th country is known by name, for a part of its lines: as after a change of the log pipeline. */
const namedCountryStride = 8;
/** Ingress lines of these many countries have a stream of their own; more would only multiply small streams. */
export const ingressCountries = 4;

export interface Streams {
  /** Stream of the manager's lines of a client; country -1: a private address, which has no country label. */
  manager(country: number, byName: boolean): Stream;
  /** Stream of the ingress controller's lines. Country -1, or one beyond `ingressCountries`: no country label. */
  ingress(controller: 'ingress-nginx' | 'traefik', country: number): Stream;
  /** Whether some lines of that country carry its name instead of its code. */
  isNamed(country: number): boolean;
}

/** Country indices are positions in `codes`. */
export function createStreams(codes: readonly string[]): Streams {
  const manager = { namespace: 'oscar', app: 'oscar' };
  const byCode = codes.map((code) => createStream({ ...manager, geoip_country_code: code }));
  const byName = codes.map((code) => createStream({ ...manager, geoip_country_name: countryName(code) }));
  const local = createStream(manager);
  const ingress = (name: string) => {
    const base = { namespace: name, app: name };
    return [
      createStream(base),
      ...codes.slice(0, ingressCountries).map((code) => createStream({ ...base, geoip_country_code: code })),
    ];
  };
  const controllers = { 'ingress-nginx': ingress('ingress-nginx'), traefik: ingress('traefik') };
  return {
    manager: (country, named) => (named ? byName : byCode)[country] ?? local,
    ingress: (controller, country) => controllers[controller][country + 1] ?? controllers[controller][0]!,
    isNamed: (country) => country % namedCountryStride === 2,
  };
}

function createStream(labels: Record<string, string>): Stream {
  return { labels, key: JSON.stringify(labels) };
}
