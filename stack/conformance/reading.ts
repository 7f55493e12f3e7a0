import { parseNanoseconds } from './time';

/** What is wrong with a case, for people: `<where> must be …, not …`. */
export class Problem extends Error {}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** These all give the value as what it has to be, and throw a Problem that names `at` when it is something else. */
export function record(value: unknown, at: string): Record<string, unknown> {
  if (!isRecord(value)) {
    throw new Problem(`${at} must be an object, not ${JSON.stringify(value)}`);
  }
  return value;
}

export function list(value: unknown, at: string): unknown[] {
  if (!Array.isArray(value)) {
    throw new Problem(`${at} must be a list, not ${JSON.stringify(value)}`);
  }
  return value;
}

export function text(value: unknown, at: string): string {
  if (typeof value !== 'string') {
    throw new Problem(`${at} must be a text, not ${JSON.stringify(value)}`);
  }
  return value;
}

export function texts(value: unknown, at: string): Record<string, string> {
  return Object.fromEntries(
    Object.entries(record(value, at)).map(([key, item]) => [key, text(item, `${at}.${key}`)] as const)
  );
}

export function number(value: unknown, at: string): number {
  if (typeof value !== 'number') {
    throw new Problem(`${at} must be a number, not ${JSON.stringify(value)}`);
  }
  return value;
}

export function wholeNumber(value: unknown, at: string): number {
  if (!Number.isInteger(value)) {
    throw new Problem(`${at} must be a whole number, not ${JSON.stringify(value)}`);
  }
  return number(value, at);
}

/** An RFC 3339 time, as it stands. */
export function instant(value: unknown, at: string): string {
  const time = text(value, at);
  if (parseNanoseconds(time) === undefined) {
    throw new Problem(`${at} must be an RFC 3339 time, not ${JSON.stringify(time)}`);
  }
  return time;
}
