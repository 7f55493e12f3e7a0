import { recordLabel } from '../../src/core/records/recordQueries';
import { proofLabel } from '../../src/core/upstream/proof';

/** What can go wrong with one answer of an engine. */
export type Fault =
  /** The connection closes without an answer; a proxy in between makes a 502 of it. */
  | { kind: 'refuse' }
  /** Half of the body, then the connection breaks. */
  | { kind: 'reset' }
  /** A body that ends early, at this share of it, and yet claims to be whole. */
  | { kind: 'truncate'; at: number }
  /** No answer within the time that a proxy such as Grafana's waits: it answers itself then, with an empty 504. */
  | { kind: 'hang' }
  /** The whole answer, a few bytes at a time. */
  | { kind: 'drip' }
  /** An error instead of the answer. */
  | { kind: 'status'; status: number; flavour: 'engine' | 'html' | 'empty' }
  /** A page of something in between, with status 200. */
  | { kind: 'page' }
  /** The right answer under a wrong content type. */
  | { kind: 'content-type'; type: string }
  /** The answer to an earlier question of the same kind; `pick` in [0, 1) says which. */
  | { kind: 'stale'; pick: number }
  /** A well-formed answer without any series. */
  | { kind: 'empty' }
  /** Loki refuses the query for one of its limits. */
  | { kind: 'limit'; message: string }
  /** An answer without some of its series, which says so in `warnings`. */
  | { kind: 'warning'; keep: number }
  /** An answer of Loki without some of its series, because it could not read their chunks: only its statistics say so. */
  | { kind: 'lost-chunks'; keep: number }
  /** An answer without lines of usage records, as of a Loki that they have not reached yet. */
  | { kind: 'no-records' };

/** An answer on its way to the core. */
export interface Answer {
  status: number;
  contentType: string;
  body: Buffer;
}

export const limitMessages = [
  'maximum number of series (60) reached for a single query; consider reducing query cardinality by adding more specific stream selectors, reducing the time range, or aggregating results with functions like sum(), count() or topk()\n',
  'the query time range exceeds the limit (query length: 24h0m0s, limit: 6h0m0s)\n',
  'the query would read too many bytes (query: 1.2 TB, limit: 500 GB); consider adding more specific stream selectors or reduce the time range of the query\n',
  'context deadline exceeded\n',
] as const;

export const statuses = [400, 401, 403, 404, 413, 429, 499, 500, 502, 503, 504] as const;

const reasons: Readonly<Record<number, { loki: string; prometheus: readonly [type: string, error: string] }>> = {
  400: {
    loki: 'parse error at line 1, col 1: syntax error: unexpected IDENTIFIER\n',
    prometheus: ['bad_data', 'invalid parameter "query": 1:1: parse error: unexpected character'],
  },
  401: { loki: 'no org id\n', prometheus: ['unauthorized', 'no org id'] },
  403: { loki: 'access denied\n', prometheus: ['forbidden', 'access denied'] },
  404: { loki: '404 page not found\n', prometheus: ['not_found', 'not found'] },
  413: { loki: 'http: request body too large\n', prometheus: ['too_large', 'request body too large'] },
  429: { loki: 'too many outstanding requests\n', prometheus: ['too_many_requests', 'too many requests'] },
  499: { loki: 'The request was cancelled by the client.\n', prometheus: ['canceled', 'the query was canceled'] },
  500: { loki: 'empty ring\n', prometheus: ['internal', 'expanding series: unexpected EOF'] },
  502: { loki: 'bad gateway\n', prometheus: ['internal', 'bad gateway'] },
  503: { loki: 'instance is not ready\n', prometheus: ['unavailable', 'no store is available'] },
  504: { loki: 'upstream request timeout\n', prometheus: ['timeout', 'query timed out in expression evaluation'] },
};

/** What the engine, or something in front of it, answers with a status. */
export function errorAnswer(
  engine: 'loki' | 'prometheus',
  status: number,
  flavour: 'engine' | 'html' | 'empty'
): Answer {
  if (flavour === 'empty') {
    return { status, contentType: 'text/plain', body: Buffer.alloc(0) };
  }
  if (flavour === 'html') {
    return { status, contentType: 'text/html', body: page(`${status} Error`) };
  }
  const reason = reasons[status];
  if (engine === 'loki' || reason === undefined) {
    return { status, contentType: 'text/plain; charset=utf-8', body: Buffer.from(reason?.loki ?? 'error\n') };
  }
  const [errorType, error] = reason.prometheus;
  const body = Buffer.from(JSON.stringify({ status: 'error', errorType, error }));
  return { status, contentType: 'application/json', body };
}

export function page(title: string): Buffer {
  return Buffer.from(
    `<html>\r\n<head><title>${title}</title></head>\r\n<body>\r\n<center><h1>${title}</h1></center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n`
  );
}

/** The answer without any series; answers of another form stay as they are. */
export function withoutSeries(answer: Answer): Answer {
  return withSeries(answer, () => [], {});
}

/** Drops series after a share of them, and says so as Thanos, Mimir and Loki do. */
export function withWarning(answer: Answer, keep: number): Answer {
  return withSeries(answer, (series) => series.slice(Math.floor(series.length * (1 - keep))), {
    warnings: ['a store did not answer: results may be partial'],
  });
}

/** Drops series after a share of them, as Loki does that can't read their chunks; what proves the answer is no line. */
export function withLostChunks(answer: Answer, keep: number): Answer {
  if (answer.status !== 200) {
    return answer;
  }
  const body = JSON.parse(answer.body.toString('utf8')) as LokiBody;
  const { result, stats } = body.data ?? {};
  const store = stats?.querier?.store;
  const cache = stats?.cache?.chunk;
  if (!Array.isArray(result) || !store || !cache) {
    return answer;
  }
  const lines = result.filter(({ metric }) => metric?.[proofLabel] === undefined);
  const lost = new Set(lines.slice(Math.floor(lines.length * keep)));
  body.data = { ...body.data, result: result.filter((series) => !lost.has(series)), stats };
  // It was looked for in the cache, and found neither there nor in the store.
  store.totalChunksDownloaded = (store.totalChunksDownloaded ?? 0) + 1;
  cache.entriesRequested = (cache.entriesRequested ?? 0) + 1;
  return { ...answer, body: Buffer.from(JSON.stringify(body)) };
}

/** The answer without the texts of usage records. */
export function withoutRecords(answer: Answer): Answer {
  return withSeries(answer, (series) => series.filter((one) => !isRecord(one)), {});
}

function isRecord(series: unknown): boolean {
  const { metric } = series as { metric?: Record<string, string> };
  return metric?.[recordLabel] !== undefined;
}

interface LokiBody {
  data?: {
    result?: Array<{ metric?: Record<string, string> }>;
    stats?: {
      querier?: { store?: { totalChunksDownloaded?: number } };
      cache?: { chunk?: { entriesRequested?: number } };
    };
  };
}

function withSeries(answer: Answer, change: (series: unknown[]) => unknown[], further: object): Answer {
  if (answer.status !== 200) {
    return answer;
  }
  const body = JSON.parse(answer.body.toString('utf8')) as { data?: { result?: unknown } };
  if (!Array.isArray(body.data?.result)) {
    return answer;
  }
  const changed = { ...body, ...further, data: { ...body.data, result: change(body.data.result) } };
  return { ...answer, body: Buffer.from(JSON.stringify(changed)) };
}
