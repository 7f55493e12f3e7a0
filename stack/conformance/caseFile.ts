import { UserError } from '../lib/errors';
import { type CaseSeries, readSeries } from './caseSeries';
import { instant, isRecord, list, Problem, record, text, texts } from './reading';
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
  /** Source → status; null: the answer does not mention it. */
  sources?: Readonly<Record<string, string | null>>;
  /** The rows may be others when one of these sources is not `ok`. */
  orFlagged?: readonly string[];
  /** The only engine that gets a request. */
  upstream?: Upstream;
  /** Part of the message with which the query must fail. */
  error?: string;
}

const upstreams = ['loki', 'prometheus'] as const;
type Upstream = (typeof upstreams)[number];
const expectations = ['rows', 'sources', 'orFlagged', 'upstream', 'error'];

/** One case of a conformance file. */
export interface ConformanceCase {
  name: string;
  why?: string;
  entries: readonly CaseEntry[];
  /** In the order of their first samples. */
  series: readonly CaseSeries[];
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
    series: readSeries(raw.series, raw.day),
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
  const { rows, sources, orFlagged, upstream, error } = raw;
  if ([rows, sources, upstream, error].every((item) => item === undefined)) {
    throw new Problem('expect must have at least one of "rows", "sources", "upstream" and "error"');
  }
  const unknown = Object.keys(raw).find((key) => !expectations.includes(key));
  if (unknown !== undefined) {
    throw new Problem(`expect.${unknown} is unknown; valid are: ${expectations.join(', ')}`);
  }
  return {
    ...(rows !== undefined && { rows: list(rows, 'expect.rows').map((row, at) => record(row, `expect.rows[${at}]`)) }),
    ...(sources !== undefined && { sources: readStatuses(sources) }),
    ...(orFlagged !== undefined && {
      orFlagged: list(orFlagged, 'expect.orFlagged').map((source, at) => text(source, `expect.orFlagged[${at}]`)),
    }),
    ...(upstream !== undefined && { upstream: readUpstream(upstream) }),
    ...(error !== undefined && { error: text(error, 'expect.error') }),
  };
}

function readStatuses(value: unknown): Record<string, string | null> {
  return Object.fromEntries(
    Object.entries(record(value, 'expect.sources')).map(([source, status]) => [
      source,
      status === null ? null : text(status, `expect.sources.${source}`),
    ])
  );
}

function readUpstream(value: unknown): Upstream {
  const upstream = upstreams.find((name) => name === value);
  if (upstream === undefined) {
    throw new Problem(`expect.upstream must be "loki" or "prometheus", not ${JSON.stringify(value)}`);
  }
  return upstream;
}
