import { map, tap } from 'rxjs';

import { UpstreamError } from './errors';
import { type EvaluationTimes, type Transport, type TransportRequest } from './transport';

/** Label of the series by which an answer says which question it answers. */
export const proofLabel = 'oscar_metrics_query';

/**
 * Has the answer to a metric query prove that it is the answer to this query. Without that, an answer to another
 * question (from a cache that mixes its keys up, from a reused connection) is well-formed, and an answer without any
 * series can't be told from a true zero.
 *
 * The query gets one more series, computed by the engine from the query's own text: its label is a digest of the
 * question, and it has a sample at each evaluation time. The answer must hold it, and loses it here. PromQL and LogQL
 * (since Loki 2.7) write it alike. The digest is the same for the same question, so that caches on the way still work.
 *
 * A log query gives each of its streams the digest as a label, and takes it from them here. One without any lines proves
 * nothing; the one who counts lines knows how many there must be.
 *
 * Of an answer that is compared with a count (`provenByCount`), only the times are checked here: the proof would cost a twelfth of it.
 *
 * Errors with an `UpstreamError` of kind `malformed`.
 */
export function provenTransport(transport: Transport): Transport {
  return (request) => {
    const { evaluatedAt, countsLines, provenByCount, params } = request;
    const query = params['query'];
    if (query === undefined || !(evaluatedAt || countsLines)) {
      return transport(request);
    }
    const digest = digestOf(request);
    if (!evaluatedAt) {
      const labelled = `${query} | label_format ${proofLabel}="${digest}"`;
      return transport({ ...request, params: { ...params, query: labelled } }).pipe(
        map((body) => withoutLabel(body, digest, params))
      );
    }
    if (provenByCount) {
      return transport(request).pipe(tap((body) => checkTimes(seriesOf(body) ?? [], evaluatedAt)));
    }
    const proof = `label_replace(vector(0), "${proofLabel}", "${digest}", "", "")`;
    // `on`, so that the engine compares one label of each series instead of all.
    // The line end closes a comment that a query template may end with.
    const asked = { ...request, params: { ...params, query: `(${query}\n) or on (${proofLabel}) ${proof}` } };
    return transport(asked).pipe(map((body) => withoutProof(body, digest, evaluatedAt)));
  };
}

interface ProvenSeries {
  metric?: Readonly<Record<string, string>>;
  value?: unknown;
  values?: unknown;
}

/** The body without the proof. A body of any other form is left for the parser, which has better words for it. */
function withoutProof(body: unknown, digest: string, times: EvaluationTimes): unknown {
  const series = seriesOf(body);
  if (!series) {
    return body;
  }
  const proofs = series.filter(({ metric }) => metric?.[proofLabel] !== undefined);
  const [proof] = proofs;
  if (!proof) {
    if (series.length === 0) {
      throw new UpstreamError('empty', 'the answer is empty: even the marker that every answer contains is missing');
    }
    throw new UpstreamError('malformed', 'the answer does not prove that it belongs to this query');
  }
  if (proofs.length > 1 || proof.metric?.[proofLabel] !== digest) {
    throw new UpstreamError('malformed', 'the answer belongs to a different query');
  }
  if (samplesOf(proof).filter(Array.isArray).length !== countOf(times)) {
    throw ofOtherTimes();
  }
  checkTimes(series, times);
  const answer = body as { data: object };
  return { ...answer, data: { ...answer.data, result: series.filter((one) => one !== proof) } };
}

function checkTimes(series: readonly ProvenSeries[], times: EvaluationTimes): void {
  if (series.some((one) => !isWithin(one, times))) {
    throw ofOtherTimes();
  }
}

function ofOtherTimes(): UpstreamError {
  return new UpstreamError('malformed', 'the answer is for other times than requested');
}

interface ProvenStream {
  stream?: Readonly<Record<string, string>>;
  values?: unknown;
}

/** The lines of a log query, whose times are `start` to `end` (exclusive), without the proof. */
function withoutLabel(
  body: unknown,
  digest: string,
  { start = '', end = '' }: Readonly<Record<string, string>>
): unknown {
  const streams: ProvenStream[] | undefined = seriesOf(body);
  if (!streams) {
    return body;
  }
  const result = streams.map((one) => {
    const { [proofLabel]: proof, ...labels } = one.stream ?? {};
    if (proof !== digest) {
      throw new UpstreamError('malformed', 'the lines do not prove that they belong to this query');
    }
    if (!Array.isArray(one.values) || !one.values.every((entry) => isLineWithin(entry, start, end))) {
      throw new UpstreamError('malformed', 'the lines are from other times than requested');
    }
    return { ...one, stream: labels };
  });
  const answer = body as { data: object };
  return { ...answer, data: { ...answer.data, result } };
}

/** Nanoseconds of one century have the same number of digits, and compare as texts. */
function isLineWithin(entry: unknown, start: string, end: string): boolean {
  const [time, text] = Array.isArray(entry) ? (entry as unknown[]) : [];
  return (
    typeof time === 'string' &&
    typeof text === 'string' &&
    time.length === start.length &&
    /^\d+$/.test(time) &&
    time >= start &&
    time < end
  );
}

function seriesOf(body: unknown): ProvenSeries[] | undefined {
  const answer = body as { status?: unknown; data?: { result?: unknown } } | null | undefined;
  const result: unknown = answer?.status === 'success' ? answer.data?.result : undefined;
  return Array.isArray(result) ? (result as ProvenSeries[]) : undefined;
}

function countOf({ first, last, stepMs }: EvaluationTimes): number {
  return Math.floor((last - first) / stepMs) + 1;
}

function isWithin(series: ProvenSeries, { first, last, stepMs }: EvaluationTimes): boolean {
  for (const sample of samplesOf(series)) {
    // Of a large cluster there are half a million of them.
    const time = Array.isArray(sample) ? Math.round(Number(sample[0]) * 1000) : first;
    if (!(time >= first && time <= last && (time - first) % stepMs === 0)) {
      return false;
    }
  }
  return true;
}

function samplesOf({ value, values }: ProvenSeries): unknown[] {
  return Array.isArray(values) ? values : [value];
}

/** 53 bits of the whole question (the public-domain hash cyrb53), as text. */
function digestOf({ uid, path, params, moreParams = [] }: TransportRequest): string {
  const text = JSON.stringify([uid, path, Object.entries(params).sort(([a], [b]) => (a < b ? -1 : 1)), moreParams]);
  let high = 0xdeadbeef;
  let low = 0x41c6ce57;
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    high = Math.imul(high ^ code, 2654435761);
    low = Math.imul(low ^ code, 1597334677);
  }
  high = Math.imul(high ^ (high >>> 16), 2246822507) ^ Math.imul(low ^ (low >>> 13), 3266489909);
  low = Math.imul(low ^ (low >>> 16), 2246822507) ^ Math.imul(high ^ (high >>> 13), 3266489909);
  return (4294967296 * (2097151 & low) + (high >>> 0)).toString(36);
}
