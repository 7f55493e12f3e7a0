import { countryText, toCountryCode } from '../domain/countries';
import { type Outcome, type RequestType } from '../domain/requestLine';
import { copyOf } from '../domain/text';
import { boundedUser } from '../domain/users';
import { type Column, Dictionary, type DictionaryBounds, Scratch, tooManyNames } from './dictionary';
import { RowIndex } from './rowIndex';

/** Empty for rejected requests, of which nothing but their number is known. */
export type CallType = RequestType | 'exposed' | '';

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
  /** What became of the request (contract rule 1). */
  outcome: Outcome;
}

export const dimensions = ['type', 'service', 'user', 'country', 'auth', 'outcome'] as const satisfies ReadonlyArray<
  keyof RequestKey
>;
export type Dimension = (typeof dimensions)[number];

/** What a line itself says of a request. */
export type ParsedCall = Pick<RequestKey, 'type' | 'service' | 'user' | 'outcome'>;

/** Turns the text that Loki extracted from a line into what it says, or undefined when it is no request. */
export type CallParser = (text: string) => ParsedCall | undefined;

const noRequest = -1;

/**
 * Texts whose keys are remembered: windows of one day have many in common, those of a large cluster few. Anybody may send long
 * ones, which are parsed anew each time.
 */
const mostTexts = 50_000;
const mostTextCharacters = 4_000_000;
const longestText = 512;

/** Texts of countries that are remembered; more than there are countries with all their names. */
const mostCountryTexts = 2000;

/** How much a table holds at most. */
export interface KeyTableBounds {
  keys?: number;
  dictionary?: DictionaryBounds;
}

const usualKeys = 4_000_000;

/**
 * Dictionary of the cube: every distinct row of the dimensions has a small number, and so has every
 * name of each dimension. Only grows; numbers stay valid as long as the table lives. Beyond its bounds, requests count under
 * `tooManyNames`, so that sums stay what they are; users with too long ids are one (contract rule 8).
 */
export class KeyTable {
  private readonly dictionaries: Record<Dimension, Dictionary>;
  private readonly mostKeys: number;
  private readonly keys = new RowIndex(dimensions.length);
  private readonly columns = Object.fromEntries(
    dimensions.map((dimension, index) => [dimension, this.keys.columns[index]])
  ) as Record<Dimension, Column>;
  private readonly idsByOrigin = new Map<string, Map<string, number>>();
  private texts = 0;
  private textCharacters = 0;
  private readonly countryByText = new Map<string, string>();
  private readonly scratch = new Scratch();

  constructor(
    private readonly parse: CallParser,
    private readonly authLabel: string,
    { keys = usualKeys, dictionary }: KeyTableBounds = {}
  ) {
    this.mostKeys = keys;
    this.dictionaries = byDimension(() => new Dictionary(dictionary));
  }

  /** Number of keys; the keys are 0 to `size` - 1. */
  get size(): number {
    return this.keys.size;
  }

  /** Approximate memory in bytes: two a character, and some 150 for a text or name and its entry in a map. */
  get bytes(): number {
    const all = dimensions.map((dimension) => this.dictionaries[dimension]);
    const characters = all.reduce((sum, { characters: own }) => sum + own, this.textCharacters);
    const entries = all.reduce((sum, { names }) => sum + names.length, this.texts);
    return this.keys.bytes + characters * 2 + entries * 150;
  }

  /** Number of the key that an extracted text and its stream's labels stand for; undefined when it is no request. */
  idOf(text: string, labels: Readonly<Record<string, string>>): number | undefined {
    const country = this.countryOf(labels);
    const auth = labels[this.authLabel] ?? '';
    if (text.length > longestText) {
      return this.idOfText(text, country, auth);
    }
    const known = this.textsOf(auth === '' ? country : `${country}\n${auth}`);
    let id = known.get(text);
    if (id === undefined) {
      id = this.idOfText(text, country, auth) ?? noRequest;
      known.set(copyOf(text), id);
      this.texts += 1;
      this.textCharacters += text.length;
      if (this.texts >= mostTexts || this.textCharacters >= mostTextCharacters) {
        this.forgetTexts();
      }
    }
    return id === noRequest ? undefined : id;
  }

  private idOfText(text: string, country: string, auth: string): number | undefined {
    const call = this.parse(text);
    return call && this.idOfKey(call, country, auth);
  }

  /** Keys of the texts of one origin. A map of texts with their origins would have to make a new text for each line. */
  private textsOf(origin: string): Map<string, number> {
    let ids = this.idsByOrigin.get(origin);
    if (!ids) {
      ids = new Map();
      this.idsByOrigin.set(origin, ids);
      this.textCharacters += origin.length;
    }
    return ids;
  }

  /** A zero for every key, see `Scratch`. */
  zeros(): Float64Array {
    return this.scratch.zeros(this.size);
  }

  /** Frees the memory for texts, which are only parsed again. The keys stay. */
  forgetTexts(): void {
    this.idsByOrigin.clear();
    this.texts = 0;
    this.textCharacters = 0;
  }

  /** What a key stands for. */
  keyOf(id: number): RequestKey {
    const name = (dimension: Dimension) => this.nameOf(dimension, id);
    return {
      type: name('type') as CallType,
      service: name('service'),
      user: name('user'),
      country: name('country'),
      auth: name('auth'),
      outcome: name('outcome') as Outcome,
    };
  }

  /** Number of a key. */
  intern(key: RequestKey): number {
    return this.idOfKey(key, key.country, key.auth);
  }

  private idOfKey({ type, service, user, outcome }: ParsedCall, country: string, auth: string): number {
    const row = this.rowOf({ type, service, user: boundedUser(user), country, auth, outcome });
    if (this.keys.size < this.mostKeys || this.keys.has(row)) {
      return this.keys.rowOf(row);
    }
    const any = (name: string) => (name === '' ? '' : tooManyNames);
    return this.keys.rowOf(
      this.rowOf({ type, service: any(service), user: any(user), country, auth: any(auth), outcome })
    );
  }

  /** In the order of `dimensions`. */
  private rowOf(key: RequestKey): number[] {
    return dimensions.map((dimension) => this.dictionaries[dimension].idOf(key[dimension]));
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
    return this.dictionaries[dimension].nameOf(this.column(dimension).at(key));
  }

  /** There are few countries and many lines, and to look a name up takes long. */
  private countryOf(labels: Readonly<Record<string, string>>): string {
    const text = countryText(labels);
    let country = this.countryByText.get(text);
    if (country === undefined) {
      country = toCountryCode(text);
      if (this.countryByText.size >= mostCountryTexts) {
        this.countryByText.clear();
      }
      if (text.length <= longestText) {
        this.countryByText.set(copyOf(text), country);
      }
    }
    return country;
  }
}

function byDimension<T>(make: () => T): Record<Dimension, T> {
  return { type: make(), service: make(), user: make(), country: make(), auth: make(), outcome: make() };
}
