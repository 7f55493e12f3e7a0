import { UserError } from '../lib/errors';
import { parseNanoseconds } from './time';

/** A log line to push. */
export interface CaseEntry {
  stream: 'manager' | 'ingress';
  /** Loki's timestamp, in nanoseconds since the epoch. */
  time: bigint;
  line: string;
  /** Besides the stream's default labels. */
  labels: Readonly<Record<string, string>>;
}

export interface Expectation {
  rows?: ReadonlyArray<Readonly<Record<string, unknown>>>;
  /** Source → status. */
  sources?: Readonly<Record<string, string>>;
  /** Part of the message with which the query must fail. */
  error?: string;
}

/** One case of a conformance file. */
export interface ConformanceCase {
  name: string;
  why?: string;
  entries: readonly CaseEntry[];
  /** Inclusive, RFC 3339. */
  from: string;
  /** Inclusive, RFC 3339. */
  to: string;
  timezone: string;
  options: Readonly<Record<string, unknown>>;
  query: Readonly<Record<string, unknown>>;
  expect: Expectation;
}

/** A case that cannot be run, with the reason for people. */
export interface MalformedCase {
  name: string;
  problem: string;
}

type Parsed = { valid: ConformanceCase } | { malformed: MalformedCase };

class Problem extends Error {}

/**
 * Reads the text of a conformance file, `{"cases": [...]}`. A malformed case does not hide the others; a file without a
 * list of cases throws a UserError.
 */
export function parseCases(text: string, file: string): Parsed[] {
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch (error) {
    throw new UserError(`${file} is not JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
  if (!isRecord(content) || !Array.isArray(content.cases)) {
    throw new UserError(`${file} must be an object with a list of cases: {"cases": [...]}.`);
  }
  return content.cases.map(parseCase);
}

function parseCase(value: unknown, index: number): Parsed {
  const fallback = `case ${index + 1}`;
  const name = isRecord(value) && typeof value.name === 'string' && value.name !== '' ? value.name : fallback;
  try {
    return { valid: readCase(value, name) };
  } catch (error) {
    if (error instanceof Problem) {
      return { malformed: { name, problem: error.message } };
    }
    throw error;
  }
}

function readCase(value: unknown, name: string): ConformanceCase {
  const raw = record(value, 'the case');
  return {
    name,
    ...(raw.why === undefined ? {} : { why: text(raw.why, 'why') }),
    entries: list(raw.entries ?? [], 'entries').map(readEntry),
    from: instant(raw.from, 'from'),
    to: instant(raw.to, 'to'),
    timezone: raw.timezone === undefined ? 'utc' : text(raw.timezone, 'timezone'),
    options: record(raw.options ?? {}, 'options'),
    query: record(raw.query, 'query'),
    expect: readExpectation(raw.expect),
  };
}

function readEntry(value: unknown, index: number): CaseEntry {
  const at = `entries[${index}]`;
  const raw = record(value, at);
  if (raw.stream !== 'manager' && raw.stream !== 'ingress') {
    throw new Problem(`${at}.stream must be "manager" or "ingress", not ${JSON.stringify(raw.stream)}`);
  }
  const time = text(raw.time, `${at}.time`);
  const nanoseconds = parseNanoseconds(time);
  if (nanoseconds === undefined) {
    throw new Problem(`${at}.time must be an RFC 3339 time with at most nine decimals, not ${JSON.stringify(time)}`);
  }
  return {
    stream: raw.stream,
    time: nanoseconds,
    line: text(raw.line, `${at}.line`),
    labels: texts(raw.labels ?? {}, `${at}.labels`),
  };
}

function readExpectation(value: unknown): Expectation {
  const raw = record(value, 'expect');
  if (raw.rows === undefined && raw.sources === undefined && raw.error === undefined) {
    throw new Problem('expect must have at least one of "rows", "sources" and "error"');
  }
  return {
    ...(raw.rows === undefined
      ? {}
      : { rows: list(raw.rows, 'expect.rows').map((row, index) => record(row, `expect.rows[${index}]`)) }),
    ...(raw.sources === undefined ? {} : { sources: texts(raw.sources, 'expect.sources') }),
    ...(raw.error === undefined ? {} : { error: text(raw.error, 'expect.error') }),
  };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function record(value: unknown, at: string): Record<string, unknown> {
  if (!isRecord(value)) {
    throw new Problem(`${at} must be an object, not ${JSON.stringify(value)}`);
  }
  return value;
}

function list(value: unknown, at: string): unknown[] {
  if (!Array.isArray(value)) {
    throw new Problem(`${at} must be a list, not ${JSON.stringify(value)}`);
  }
  return value;
}

function text(value: unknown, at: string): string {
  if (typeof value !== 'string') {
    throw new Problem(`${at} must be a text, not ${JSON.stringify(value)}`);
  }
  return value;
}

function texts(value: unknown, at: string): Record<string, string> {
  return Object.fromEntries(
    Object.entries(record(value, at)).map(([key, item]) => [key, text(item, `${at}.${key}`)] as const)
  );
}

function instant(value: unknown, at: string): string {
  const time = text(value, at);
  if (parseNanoseconds(time) === undefined) {
    throw new Problem(`${at} must be an RFC 3339 time, not ${JSON.stringify(time)}`);
  }
  return time;
}
