import { hourMs } from '../../src/core/domain/duration';
import { instantOf } from '../traffic/entry';
import { publicAddress, rfc3339 } from '../traffic/formats';
import { type Outcome, outcomeOf } from '../traffic/outcomes';
import { type Random } from '../traffic/random';

/** A log entry of the attacked day. */
export interface Line {
  /** ms since the epoch that the entry belongs to (contract rule 5). */
  time: number;
  /** Nanoseconds before that, 0 to 999 999. */
  before?: number;
  /** Whose log it is in. */
  log: 'manager' | 'traefik' | 'ingress-nginx';
  /** Label of the country that the log pipeline gave it, ISO 3166-1 alpha-2; absent: none. */
  country?: string;
  text: string;
  /** What became of the request, where the line is a plain one about a request. */
  outcome?: Outcome;
}

/** What an attack has to work with. */
export interface AttackDay {
  /** ms since the epoch; the day is 24 hours long. */
  start: number;
  random: Random;
  /** How many times the smallest attack. */
  scale: number;
  /** A service, a user and a country of the honest traffic. */
  victim: { service: string; user: string; country: string };
  /** The largest number of requests that an honest user has in the whole range. */
  maxRequests: number;
}

export interface AttackLines {
  /** What stands in the log. */
  hostile: Line[];
  /** What really happened, as plain lines: the figures that have to come out. */
  truth: Line[];
  /** The same by what the log claims, where nothing can tell a claim from the truth; the figures may be these instead. */
  claimed?: Line[];
  /** Texts of users that `truth` names in another way. */
  aliases?: ReadonlyArray<readonly [sent: string, plain: string]>;
  /** A note of the source `request-logs` that must be there. */
  note?: RegExp;
  /** True when the source `request-logs` must not be ok. */
  isFlagged?: boolean;
}

export interface Attack {
  name: string;
  /** What the attacker does, and with what. */
  about: string;
  lines: (day: AttackDay) => AttackLines;
}

export interface Call {
  time: number;
  before?: number;
  status?: number;
  address?: string;
  path?: string;
  user?: string;
  country?: string;
}

/** The service that an attacker with a token really has. */
export const ownService = 'mallorys-service';
/** Attackers with a token. */
export const ownUser = 'mallory@example.org';
/** Whom OSCAR logs before it knows who asks. */
export const nobody = 'oscar';

/** A line of the executions logger, as OSCAR writes it today. */
export function managerLine(call: Call): Line {
  const { time, before = 0, country, status = 201, user = ownUser } = call;
  return { time, before, log: 'manager', country, text: managerText(call), outcome: outcomeOf(status, user) };
}

export function managerText({
  time,
  before = 0,
  status = 201,
  address = '203.0.113.7',
  path = `/job/${ownService}`,
  user = ownUser,
}: Call): string {
  const stamp = stampOf(time, before);
  return `[GIN-EXECUTIONS-LOGGER] ${stamp} | ${status} |      14.2ms | ${address} | POST    ${path} | ${user}`;
}

/** The logger's own time of an entry. */
export function stampOf(time: number, before = 0): string {
  const { time: whole, nanoseconds } = instantOf(time, -before);
  return rfc3339(whole, nanoseconds, 6);
}

/** Instants of the day, ascending, at least a millisecond apart, away from its ends. */
export function instants({ start, random }: AttackDay, count: number): number[] {
  const from = start + hourMs;
  const room = Math.floor((22 * hourMs) / count);
  return Array.from({ length: count }, (_, index) => from + index * room + random.integer(0, room - 1));
}

/** So many entries that follow one another closely, as the parts of a text with line feeds do. */
export function partsAt(time: number, texts: readonly string[], rest: Pick<Line, 'log' | 'country'>): Line[] {
  return texts.map((text, index) => ({
    ...rest,
    time: time + Math.floor(index / 500),
    before: 999_000 - (index % 500) * 1_000,
    text,
  }));
}

export { publicAddress };
