import { countryText, toCountryCode } from '../domain/countries';
import { type Request } from '../domain/requestLine';
import { Column, Dictionary } from './dictionary';

export type CallType = Request['type'] | 'exposed';

/** What one distinct key of the cube stands for. */
export interface RequestKey {
  type: CallType;
  service: string;
  /** Empty for exposed requests, whose lines carry no user. */
  user: string;
  /** ISO 3166-1 alpha-2 or `unknown`. */
  country: string;
  /** Authentication method as labelled; empty where the logs carry none. */
  auth: string;
}

export const dimensions = ['type', 'service', 'user', 'country', 'auth'] as const satisfies ReadonlyArray<
  keyof RequestKey
>;
export type Dimension = (typeof dimensions)[number];

/** Turns the text that Loki extracted from a line into what it says, or undefined when it is no request. */
export type CallParser = (text: string) => Pick<RequestKey, 'type' | 'service' | 'user'> | undefined;

const noRequest = -1;

/**
 * Dictionary of the cube: every distinct (type, service, user, country, auth) has a small number, and so has every
 * name of each dimension. Only grows; numbers stay valid as long as the table lives.
 */
export class KeyTable {
  private readonly dictionaries = byDimension(() => new Dictionary());
  private readonly columns = byDimension(() => new Column());
  private readonly idByKey = new Map<string, number>();
  private readonly idByRaw = new Map<string, number>();
  private readonly countryByText = new Map<string, string>();
  private rawCharacters = 0;

  constructor(
    private readonly parse: CallParser,
    private readonly authLabel: string
  ) {}

  /** Number of keys; the keys are 0 to `size` - 1. */
  get size(): number {
    return this.idByKey.size;
  }

  /** Approximate memory in bytes: two a character, and some 150 for the map entries of a key. */
  get bytes(): number {
    const names = dimensions.reduce((sum, dimension) => sum + this.dictionaries[dimension].characters, 0);
    return (this.rawCharacters + names) * 2 + (this.idByRaw.size + this.size) * 150;
  }

  /** Number of the key that an extracted text and its stream's labels stand for; undefined when it is no request. */
  idOf(text: string, labels: Readonly<Record<string, string>>): number | undefined {
    const country = this.countryOf(labels);
    const auth = labels[this.authLabel] ?? '';
    const raw = `${country}\n${auth}\n${text}`;
    let id = this.idByRaw.get(raw);
    if (id === undefined) {
      const call = this.parse(text);
      id = call ? this.intern({ type: call.type, service: call.service, user: call.user, country, auth }) : noRequest;
      this.idByRaw.set(raw, id);
      this.rawCharacters += raw.length;
    }
    return id === noRequest ? undefined : id;
  }

  /** Number of a key. */
  intern(key: RequestKey): number {
    const ids = dimensions.map((dimension) => this.dictionaries[dimension].idOf(key[dimension]));
    const name = ids.join();
    let id = this.idByKey.get(name);
    if (id === undefined) {
      id = this.idByKey.size;
      this.idByKey.set(name, id);
      dimensions.forEach((dimension, index) => this.columns[dimension].push(ids[index] as number));
    }
    return id;
  }

  /** Service that an extracted text names; undefined when it is no request. */
  serviceOf(text: string): string | undefined {
    return this.parse(text)?.service;
  }

  column(dimension: Dimension): Column {
    return this.columns[dimension];
  }

  dictionary(dimension: Dimension): Dictionary {
    return this.dictionaries[dimension];
  }

  /** Name of a key in a dimension. */
  nameOf(dimension: Dimension, key: number): string {
    return this.dictionaries[dimension].nameOf(this.columns[dimension].at(key));
  }

  /** There are few countries and many lines, and to look a name up takes long. */
  private countryOf(labels: Readonly<Record<string, string>>): string {
    const text = countryText(labels);
    let country = this.countryByText.get(text);
    if (country === undefined) {
      country = toCountryCode(text);
      this.countryByText.set(text, country);
    }
    return country;
  }
}

function byDimension<T>(make: () => T): Record<Dimension, T> {
  return { type: make(), service: make(), user: make(), country: make(), auth: make() };
}
