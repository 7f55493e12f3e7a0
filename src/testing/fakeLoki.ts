import { Observable } from 'rxjs';

import { suspicionLabel } from '../core/expr/logql';
import { UpstreamError } from '../core/upstream/errors';
import { type Transport, type TransportRequest } from '../core/upstream/transport';
import { isAboutRecords, recordSeries } from './recordSeries';

/** One log entry as Loki holds it. */
export interface LogEntry {
  /** ns since the epoch. */
  time: bigint;
  line: string;
  labels: Readonly<Record<string, string>>;
}

export interface FakeLokiOptions {
  maxSeries?: number;
  maxEntries?: number;
  maxLengthMs?: number;
  /** Lines that log queries lack, though metric queries count them; as of Loki 3.7.6 (specs/decisions/0005). */
  lacks?: (entry: LogEntry) => boolean;
  /** False for a version that does not state its limits. */
  statesLimits?: boolean;
  /** An error to answer instead; the number counts the requests from 1. */
  fault?: (request: TransportRequest, number: number) => UpstreamError | undefined;
  /** A duration as Loki states it, such as `31d`; nothing is removed by it. */
  retention?: string;
  /** What every metric answer says about itself. */
  warnings?: string[];
  /** Parts in time that it says it merged queries with several evaluation times of; as it says of others, undefined. */
  splits?: number;
  /** `max_query_lookback` at a time, both in ms: what lies before is left out without a word, as of Loki 3.7.6. */
  lookBack?: { ms: number; now: number };
  /** Lines of usage records, which are of streams of their own. */
  records?: readonly LogEntry[];
  /** Answers later, in real time, instead of as a microtask. */
  delayMs?: number;
}

const nsPerMs = 1_000_000n;

/** A Loki that answers from a list of entries with Loki's semantics, and enforces its limits. */
export class FakeLoki {
  readonly requests: TransportRequest[] = [];
  active = 0;
  mostActive = 0;

  constructor(
    public entries: readonly LogEntry[],
    public options: FakeLokiOptions = {}
  ) {}

  readonly transport: Transport = (request) =>
    new Observable((subscriber) => {
      this.requests.push(request);
      const number = this.requests.length;
      this.active += 1;
      this.mostActive = Math.max(this.mostActive, this.active);
      let open = true;
      const close = () => {
        this.active -= open ? 1 : 0;
        open = false;
      };
      const answer = () => {
        if (subscriber.closed) {
          return;
        }
        close();
        try {
          const fault = this.options.fault?.(request, number);
          if (fault) {
            throw fault;
          }
          subscriber.next(this.answer(request));
          subscriber.complete();
        } catch (error) {
          subscriber.error(error);
        }
      };
      const timer = this.options.delayMs === undefined ? undefined : setTimeout(answer, this.options.delayMs);
      if (timer === undefined) {
        queueMicrotask(answer);
      }
      return () => {
        close();
        clearTimeout(timer);
      };
    });

  /** Metric requests, as spans [start, end) in ms. */
  get countedSpans(): Array<{ start: number; end: number }> {
    return this.requests
      .filter(({ params }) => params['query']?.startsWith('sum by (oscar_call'))
      .flatMap(({ params }) => windowsOf(params))
      .map(({ after, until }) => ({ start: Number(after / nsPerMs) + 1, end: Number(until / nsPerMs) + 1 }));
  }

  private answer({ path, params }: TransportRequest): unknown {
    if (path === 'loki/api/v1/drilldown-limits') {
      return this.limits();
    }
    if (path === 'loki/api/v1/series') {
      return { status: 'success', data: this.within(params).length > 0 ? [{}] : [] };
    }
    const { query = '' } = params;
    if (isAboutRecords(query)) {
      const lines = (this.options.records ?? []).map(({ time, line }) => ({ ns: time, line }));
      const result = recordSeries(lines, query, params['end'] ?? '0');
      return { status: 'success', data: { resultType: 'matrix', result } };
    }
    this.checkLookBack(params);
    // It does not know templates, so that no line of its own is suspicious.
    if (query.startsWith('sum(') || query.startsWith(`sum by (${suspicionLabel})`)) {
      return this.sums(params);
    }
    return /^(?:sum by|(?:min|max)_over_time)/.test(query) ? this.matrix(params) : this.streams(params);
  }

  /** Entries between `start` and `end`, the end exclusive. */
  private within({ start = '0', end = '0' }: Readonly<Record<string, string>>): LogEntry[] {
    return this.entries.filter(({ time }) => time >= BigInt(start) && time < BigInt(end) && time >= this.edge);
  }

  private streams(params: Readonly<Record<string, string>>): unknown {
    const { query = '', limit } = params;
    const { maxEntries = 5000, lacks = () => false } = this.options;
    if (Number(limit) > maxEntries) {
      const message = `max entries limit per query exceeded, limit > max_entries_limit_per_query (${limit} > ${maxEntries})`;
      throw new UpstreamError('entries-limit', message, 400, { limit: maxEntries });
    }
    const select = pipelineOf(query);
    const kept =
      /\| keep ([\w, ]+)/
        .exec(query)?.[1]
        ?.split(', ')
        .map((name) => name.trim()) ?? [];
    const found = this.within(params)
      .filter((entry) => select(entry) && !lacks(entry))
      .sort((a, b) => Number(a.time - b.time))
      .slice(0, Number(limit));
    const valuesByStream = new Map<string, Array<[string, string]>>();
    for (const { time, line, labels } of found) {
      const stream = JSON.stringify(Object.entries(labels).filter(([name]) => kept.includes(name)));
      const values = valuesByStream.get(stream) ?? [];
      values.push([String(time), line]);
      valuesByStream.set(stream, values);
    }
    const result = Array.from(valuesByStream, ([stream, values]) => ({
      stream: Object.fromEntries(JSON.parse(stream) as Array<[string, string]>),
      values,
    }));
    return { status: 'success', data: { resultType: 'streams', result } };
  }

  /** `sum(count_over_time(…))` at the evaluation times, which Loki aligns to the step. */
  private sums({ query = '', start = '0', end = '0', step = '1ms' }: Readonly<Record<string, string>>): unknown {
    const stepNs = BigInt(step.replace('ms', '')) * nsPerMs;
    const select = pipelineOf(query.slice(0, query.lastIndexOf(' [')));
    const values: Array<[number, string]> = [];
    const first = (BigInt(start) / stepNs) * stepNs;
    for (let time = first; time <= BigInt(end); time += stepNs) {
      const { after, until } = windowOf({ query, start: String(time), end: String(time), step: '1ms' });
      const count = this.entries.filter(
        (entry) => entry.time > after && entry.time <= until && entry.time >= this.edge && select(entry)
      ).length;
      if (count > 0) {
        values.push([Number(time) / 1e9, String(count)]);
      }
    }
    const result = values.length > 0 ? [{ metric: {}, values }] : [];
    return { status: 'success', data: { resultType: 'matrix', result } };
  }

  /** An answer to a question that ends before the edge holds nothing; upstream/proof.ts makes this error of it. */
  private checkLookBack({ query = '', end = '0' }: Readonly<Record<string, string>>): void {
    const { lookBack } = this.options;
    if (!lookBack || !/count_over_time|_over_time/.test(query)) {
      return;
    }
    if (/ offset \d{10,}ms/.test(query)) {
      throw new UpstreamError('too-old', 'it is past now - max_query_lookback', 400, { limit: lookBack.ms });
    }
    if (BigInt(end) < this.edge) {
      throw new UpstreamError('empty', 'the answer is empty');
    }
  }

  private get edge(): bigint {
    const { lookBack } = this.options;
    return lookBack ? BigInt(lookBack.now - lookBack.ms) * nsPerMs : 0n;
  }

  private checkLength(params: Readonly<Record<string, string>>): void {
    if (lookBackMsOf(params) > (this.options.maxLengthMs ?? Infinity)) {
      throw new UpstreamError('length-limit', `HTTP 400: the query time range exceeds the limit`, 400);
    }
  }

  private limits(): unknown {
    const { maxSeries, maxEntries, maxLengthMs, retention, lookBack, statesLimits = true } = this.options;
    if (!statesLimits) {
      throw new UpstreamError('not-found', 'HTTP 404: 404 page not found', 404);
    }
    return {
      limits: {
        ...(maxSeries && { max_query_series: maxSeries }),
        ...(maxEntries && { max_entries_limit_per_query: maxEntries }),
        ...(retention && { retention_period: retention }),
        max_query_lookback: `${lookBack?.ms ?? 0}ms`,
        ...(maxLengthMs && { max_query_length: `${maxLengthMs}ms` }),
      },
    };
  }

  private matrix(params: Readonly<Record<string, string>>): unknown {
    const query = withoutUnsplit(params['query'] ?? '');
    const windows = windowsOf(params);
    const { maxSeries = 500, splits = 0, warnings } = this.options;
    this.checkLength(params);
    const edge = /^(min|max)_over_time/.exec(query)?.[1] as 'min' | 'max' | undefined;
    const names = (/^sum by \(([^)]*)\)|\) by \(([^)]*)\)$/.exec(query)?.slice(1).find(Boolean) ?? '').split(', ');
    const isInStream = streamsOf(query);
    const select = pipelineOf(query.slice(0, query.lastIndexOf(' [')));
    const valuesByKey = new Map<string, Array<[number, string]>>();
    for (const { time, after, until } of windows) {
      const inside = this.entries.filter(
        (entry) => entry.time > after && entry.time <= until && entry.time >= this.edge && isInStream(entry)
      );
      for (const [key, value] of aggregate(inside, select, names, edge)) {
        const values = valuesByKey.get(key) ?? [];
        values.push([Number(time) / 1e9, String(value)]);
        valuesByKey.set(key, values);
      }
    }
    if (valuesByKey.size > maxSeries) {
      throw new UpstreamError('series-limit', `maximum number of series (${maxSeries})`, 400, { limit: maxSeries });
    }
    const result = [...valuesByKey].map(([key, values]) => {
      const labels = JSON.parse(key) as string[];
      const metric = Object.fromEntries(names.map((name, index) => [name, labels[index]]).filter(([, value]) => value));
      return { metric, values };
    });
    const stats = { summary: { splits } };
    return { status: 'success', ...(warnings && { warnings }), data: { resultType: 'matrix', result, stats } };
  }
}

/** By the values of the named labels: how many entries there are, or the time in ms of the first or last one. */
function aggregate(
  entries: readonly LogEntry[],
  select: (entry: LogEntry) => Labels | undefined,
  names: readonly string[],
  edge: 'min' | 'max' | undefined
): Map<string, number> {
  const values = new Map<string, number>();
  for (const entry of entries) {
    const labels = select(entry);
    if (labels) {
      const key = JSON.stringify(names.map((name) => labels[name] ?? ''));
      const known = values.get(key);
      // The millisecond at or after the entry's time, as the template of the query computes it.
      const time = Number((entry.time + nsPerMs - 1n) / nsPerMs);
      values.set(key, edge ? Math[edge](known ?? time, time) : (known ?? 0) + 1);
    }
  }
  return values;
}

/** The window (after, until] in ns of a metric request with one evaluation time. */
function windowOf({ query = '', start = '0', end = '0', step = '' }: Readonly<Record<string, string>>) {
  const [, range = '0', offset = '0'] = /\[(\d+)ms\](?: offset (\d+)ms)?/.exec(query) ?? [];
  if (start !== end || BigInt(start) % (BigInt(step.replace('ms', '')) * nsPerMs) !== 0n) {
    throw new Error('this Loki only knows metric requests whose evaluation times are multiples of the step');
  }
  const time = BigInt(start);
  const until = time - BigInt(offset) * nsPerMs;
  return { time, after: until - BigInt(range) * nsPerMs, until };
}

const unsplitPattern = / or on \(oscar_metrics_none\) count_over_time\(.* \[(\d+)ms\]\)$/;

function withoutUnsplit(query: string): string {
  return query.replace(unsplitPattern, '');
}

/** The windows of a metric request. With several evaluation times it must not be split, as Loki's front end would. */
function windowsOf({ query = '', start = '0', end = '0', step = '' }: Readonly<Record<string, string>>) {
  const stepNs = BigInt(step.replace('ms', '')) * nsPerMs;
  const [first, last] = [BigInt(start), BigInt(end)];
  const unsplitNs = BigInt(unsplitPattern.exec(query)?.[1] ?? 0) * nsPerMs;
  // As `metricQuerySplitter` does: parts end before multiples of the interval.
  if (first !== last && (unsplitNs <= stepNs || (first / unsplitNs + 1n) * unsplitNs <= last)) {
    throw new Error('this Loki does not know requests that are split');
  }
  const windows: Array<ReturnType<typeof windowOf>> = [];
  for (let time = first; time <= last; time += stepNs) {
    windows.push(windowOf({ query, start: String(time), end: String(time), step }));
  }
  return windows;
}

/** The time that a request looks at, which Loki limits. */
function lookBackMsOf({ query = '', start = '0', end = '0' }: Readonly<Record<string, string>>): number {
  const ranges = [...query.matchAll(/\[(\d+)ms\]/g)].map(([, range]) => Number(range));
  return Number((BigInt(end) - BigInt(start)) / nsPerMs) + Math.max(...ranges);
}

/** The entries of the streams whose country labels match. */
function streamsOf(query: string): (entry: LogEntry) => boolean {
  const selector = query.slice(query.indexOf('{'), query.indexOf('}'));
  const matchers = [...selector.matchAll(/(\w+)(=~|!~)("(?:[^"\\]|\\.)*")/g)];
  return ({ labels }) =>
    matchers.every(([, label = '', operator, value = '""']) => {
      const matches = new RegExp(`^(?:${JSON.parse(value) as string})$`).test(labels[label] ?? '');
      return matches === (operator === '=~');
    });
}

type Labels = Readonly<Record<string, string>>;

const stagePattern =
  /\|=\s*("(?:[^"\\]|\\.)*")|(\|~|!~)\s*("(?:[^"\\]|\\.)*")|\|\s*regexp\s*("(?:[^"\\]|\\.)*"|`[^`]*`)|\|\s*(\w+) (!=|=~|!~|=) ("(?:[^"\\]|\\.)*")/g;

/** Line filters, `regexp` and `label != ""` of a LogQL pipeline, in their order. Gives the labels of a line that stays. */
function pipelineOf(query: string): (entry: LogEntry) => Labels | undefined {
  const stages = [...query.slice(query.indexOf('}') + 1).matchAll(stagePattern)].map(stageOf);
  return ({ line, labels }) =>
    stages.reduce<Labels | undefined>((known, stage) => (known ? stage(line, known) : known), labels);
}

function stageOf([, contains, matches, expression, regexp, label, operator, value]: RegExpMatchArray) {
  const text = (quoted = '""') => (quoted.startsWith('`') ? quoted.slice(1, -1) : (JSON.parse(quoted) as string));
  const pattern = new RegExp(text(expression ?? regexp).replaceAll('?P<', '?<'));
  const whole = new RegExp(`^(?:${text(value).replace('(?s)', '')})$`, 's');
  return (line: string, labels: Labels): Labels | undefined => {
    if (contains !== undefined) {
      return line.includes(text(contains)) ? labels : undefined;
    }
    if (matches !== undefined) {
      return pattern.test(line) === (matches === '|~') ? labels : undefined;
    }
    if (regexp !== undefined) {
      return { ...labels, ...pattern.exec(line)?.groups };
    }
    const known = labels[label ?? ''] ?? '';
    const isEqual = known === text(value);
    const passes =
      operator === '!=' ? !isEqual : operator === '=' ? isEqual : whole.test(known) === (operator === '=~');
    return passes ? labels : undefined;
  };
}
