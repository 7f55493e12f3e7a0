import { type UpstreamRequest } from '../../../stack/lib/requestLog';

/** A stretch of time whose lines Loki counted by label, or gave; milliseconds since the epoch, the end exclusive. */
export interface CountedWindow {
  /** Selector and line filters: two windows of one question are about the same lines where they overlap. */
  question: string;
  /** Only streams with one of these countries, or with none of them; absent: all. */
  countries?: { has: boolean; values: string[] };
  start: number;
  end: number;
}

const countryMatcher = /, (?:geoip_country_code|geoip_country_name|country|country_code)(=~|!~)"([^"]*)"\}/;

/** What Loki was asked for and answered, in the order of the requests. */
export function countedWindows(queries: readonly UpstreamRequest[]): CountedWindow[] {
  return queries.filter(({ status }) => status === 200).flatMap(({ parameters }) => windowOf(parameters));
}

function windowOf(parameters: URLSearchParams): CountedWindow[] {
  const text = parameters.get('query') ?? '';
  const [asked = ''] = text.slice(text.indexOf('{')).split(' | ');
  const [first = NaN, last = NaN] = ['start', 'end'].map((name) => Number(parameters.get(name)?.slice(0, -6)));
  if (text.includes('| keep ')) {
    // A millisecond earlier and a nanosecond later, see `LokiClient.lines`.
    return [{ question: asked, start: first + 1, end: last + 1 }];
  }
  const [, length = NaN, offset = NaN] = (/\[(\d+)ms\] offset (\d+)ms/.exec(text) ?? []).map(Number);
  const ends = (time: number) => time - offset + 1;
  return /sum by \(oscar_(?:call|text)/.test(text)
    ? [{ ...streamsOf(asked), start: ends(first) - length, end: ends(last) }]
    : [];
}

function streamsOf(asked: string): Pick<CountedWindow, 'question' | 'countries'> {
  const [matcher, operator, values = ''] = countryMatcher.exec(asked) ?? [];
  return matcher === undefined
    ? { question: asked }
    : { question: asked.replace(matcher, '}'), countries: { has: operator === '=~', values: values.split('|') } };
}

/** The windows that overlap an earlier one of the same question; in words, so that a failed test names them. */
export function readTwice(windows: readonly CountedWindow[]): string[] {
  return windows.flatMap((one, index) =>
    windows
      .slice(0, index)
      .some(
        (other) =>
          other.question === one.question && other.end > one.start && one.end > other.start && shareStreams(one, other)
      )
      ? [`${one.question} ${one.start} to ${one.end}`]
      : []
  );
}

function shareStreams({ countries: one }: CountedWindow, { countries: other }: CountedWindow): boolean {
  if (!one || !other || !(one.has || other.has)) {
    return true;
  }
  const [having, beside] = one.has ? [one, other] : [other, one];
  return having.values.some((value) => beside.values.includes(value) === beside.has);
}
