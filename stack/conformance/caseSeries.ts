import { minuteMs } from '../../src/core/domain/duration';
import { instant, list, number, Problem, record, text, texts, wholeNumber } from './reading';

/** A series of samples, one a minute. */
export interface CaseSeries {
  metric: string;
  labels: Readonly<Record<string, string>>;
  /** Both in ms since the epoch, both inclusive. */
  from: number;
  to: number;
  /** The first sample's value, and what each minute adds to it. */
  start: number;
  perMinute: number;
}

const metricName = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/;
const labelName = /^[a-zA-Z_][a-zA-Z0-9_]*$/;

/** The series of a case; throws a Problem when one is malformed, or when two of them are one series at one time. */
export function readSeries(value: unknown, day: unknown): CaseSeries[] {
  const raw = list(value ?? [], 'series');
  if (raw.length === 0) {
    return [];
  }
  const midnight = Date.parse(instant(day, 'day'));
  const series = raw.map((item, index) => readOne(item, `series[${index}]`, midnight));
  const last = new Map<string, { to: number; index: number }>();
  // Prometheus takes the samples of one series in their order, each once.
  const inOrder = series.map((one, index) => ({ ...one, index })).sort((a, b) => a.from - b.from);
  for (const { index, from, to, metric, labels } of inOrder) {
    const key = JSON.stringify([metric, Object.entries(labels).sort()]);
    const before = last.get(key);
    if (before && before.to >= from) {
      throw new Problem(`series[${before.index}] and series[${index}] are one series and have samples at one time`);
    }
    last.set(key, { to, index });
  }
  return inOrder.map(({ index }) => series[index]!);
}

function readOne(value: unknown, at: string, midnight: number): CaseSeries {
  const raw = record(value, at);
  const metric = text(raw.metric, `${at}.metric`);
  if (!metricName.test(metric)) {
    throw new Problem(`${at}.metric must be the name of a metric, not ${JSON.stringify(metric)}`);
  }
  const labels = texts(raw.labels ?? {}, `${at}.labels`);
  const wrong = Object.keys(labels).find((name) => !labelName.test(name) || name === '__name__');
  if (wrong !== undefined) {
    throw new Problem(`${at}.labels has ${JSON.stringify(wrong)}, which is not a label name`);
  }
  const [fromMinute, toMinute] = [raw.from_minute, raw.to_minute].map((minute, index) =>
    wholeNumber(minute, `${at}.${index === 0 ? 'from_minute' : 'to_minute'}`)
  ) as [number, number];
  if (fromMinute > toMinute) {
    throw new Problem(`${at} ends before it begins`);
  }
  return {
    metric,
    labels,
    from: midnight + fromMinute * minuteMs,
    to: midnight + toMinute * minuteMs,
    ...readValues(raw, at),
  };
}

function readValues(raw: Readonly<Record<string, unknown>>, at: string): Pick<CaseSeries, 'start' | 'perMinute'> {
  const isConstant = raw.value !== undefined;
  const isCounter = raw.start !== undefined || raw.per_minute !== undefined;
  if (isConstant === isCounter) {
    throw new Problem(`${at} must have either "value", or "start" and "per_minute"`);
  }
  return isConstant
    ? { start: number(raw.value, `${at}.value`), perMinute: 0 }
    : { start: number(raw.start, `${at}.start`), perMinute: number(raw.per_minute, `${at}.per_minute`) };
}
