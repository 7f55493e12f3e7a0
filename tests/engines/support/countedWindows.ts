import { type UpstreamRequest } from '../../../stack/host';

/** A stretch of time in which Loki counted lines; milliseconds since the epoch, the end exclusive. */
export interface CountedWindow {
  /** The query without its window: two windows of one question count the same lines where they overlap. */
  question: string;
  start: number;
  end: number;
}

/** What Loki was asked to count and answered, in the order of the requests. */
export function countedWindows(queries: readonly UpstreamRequest[]): CountedWindow[] {
  return queries.flatMap(({ status, parameters }) => {
    const [text = ''] = (parameters.get('query') ?? '').split(') or on (oscar_metrics_query) ');
    const length = Number(/\[(\d+)ms\]/.exec(text)?.[1]);
    const end = Number(parameters.get('start')) / 1e6;
    const question = text.replace(/\[\d+ms\]/, '');
    return status === 200 && text.includes('sum by (oscar_') ? [{ question, start: end - length, end }] : [];
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
