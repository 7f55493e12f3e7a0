import { countryText, toCountryCode } from '../domain/countries';
import { type Request } from '../domain/requestLine';

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

/** Turns the text that Loki extracted from a line into what it says, or undefined when it is no request. */
export type CallParser = (text: string) => Pick<RequestKey, 'type' | 'service' | 'user'> | undefined;

const noRequest = -1;

/**
 * Dictionary of the cube: every distinct (type, service, user, country, auth) has a small number. Only grows; numbers
 * stay valid as long as the table lives.
 */
export class KeyTable {
  readonly keys: RequestKey[] = [];
  private readonly idByKey = new Map<string, number>();
  private readonly idByRaw = new Map<string, number>();
  private readonly countryByText = new Map<string, string>();
  private characters = 0;

  constructor(
    private readonly parse: CallParser,
    private readonly authLabel: string
  ) {}

  /** Number of the key that an extracted text and its stream's labels stand for; undefined when it is no request. */
  idOf(text: string, labels: Readonly<Record<string, string>>): number | undefined {
    const country = this.countryOf(labels);
    const auth = labels[this.authLabel] ?? '';
    const raw = `${country}\n${auth}\n${text}`;
    let id = this.idByRaw.get(raw);
    if (id === undefined) {
      id = this.intern(text, country, auth);
      this.idByRaw.set(raw, id);
      this.characters += raw.length;
    }
    return id === noRequest ? undefined : id;
  }

  /** Approximate memory in bytes. */
  get bytes(): number {
    // One byte a character, and about 200 bytes a key for the two map entries and the object.
    return this.characters * 2 + this.keys.length * 200;
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

  private intern(text: string, country: string, auth: string): number {
    const call = this.parse(text);
    if (!call) {
      return noRequest;
    }
    const name = [call.type, call.service, call.user, country, auth].join('\n');
    let id = this.idByKey.get(name);
    if (id === undefined) {
      id = this.keys.length;
      this.keys.push({ ...call, country, auth });
      this.idByKey.set(name, id);
      this.characters += name.length;
    }
    return id;
  }
}
