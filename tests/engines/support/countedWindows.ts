import { type UpstreamRequest } from '../../../stack/host';

/** A stretch of time whose lines Loki counted by label, or gave; milliseconds since the epoch, the end exclusive. */
export interface CountedWindow {
  /** Selector and line filters: two windows of one question are about the same lines where they overlap. */
  question: string;
  start: number;
  end: number;
}

/** What Loki was asked for and answered, in the order of the requests. */
export function countedWindows(queries: readonly UpstreamRequest[]): CountedWindow[] {
  return queries.flatMap(({ status, parameters }) => {
    const text = parameters.get('query') ?? '';
    const [question = ''] = text.slice(text.indexOf('{')).split(' | ');
    if (status !== 200) {
      return [];
    }
    if (text.includes('| keep ')) {
      // A millisecond earlier and a nanosecond later, see `LokiClient.lines`.
      const [start = 0, end = 0] = ['start', 'end'].map((name) => Number(parameters.get(name)?.slice(0, -6)) + 1);
      return [{ question, start, end }];
    }
    const length = Number(/\[(\d+)ms\]/.exec(text)?.[1]);
    const end = Number(parameters.get('start')) / 1e6;
    return text.includes('sum by (oscar_') ? [{ question, start: end - length, end }] : [];
  });
}

/** The windows that overlap an earlier one of the same question; in words, so that a failed test names them. */
export function readTwice(windows: readonly CountedWindow[]): string[] {
  return windows.flatMap((one, index) =>
    windows
      .slice(0, index)
      .some((other) => other.question === one.question && other.end > one.start && one.end > other.start)
      ? [`${one.question} ${one.start} to ${one.end}`]
      : []
  );
}
