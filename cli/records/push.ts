import { catchError, type Observable, throwError } from 'rxjs';

import { type RecordFamily } from '../../src/core/records/dayRecord';
import { toUpstreamError } from '../../src/core/upstream/errors';
import { retryTransient } from '../../src/core/upstream/retry';
import { type Configuration } from '../config/configuration';
import { explainByAddress } from '../config/explain';
import { ToldError } from '../exit';

/** What Loki says when it does not take an entry, and what to change. */
const refusals: ReadonlyArray<readonly [pattern: RegExp, cure: string]> = [
  [
    /too long|max entry size|line_size/i,
    'Loki takes shorter lines only; set limits_config.max_line_size to 256KB, its default, or more',
  ],
  [
    /too far behind|out of order|timestamp too (?:old|new)/i,
    'the clock here differs from that of Loki; set both by NTP',
  ],
  [
    /rate limit|ingestion/i,
    'Loki takes fewer bytes a second; raise limits_config.ingestion_rate_mb and per_stream_rate_limit, or record fewer days at once (--days)',
  ],
  [/stream.*limit|max streams/i, 'Loki has too many streams; raise limits_config.max_global_streams_per_user'],
];

const cureByStatus: Readonly<Record<number, string>> = {
  401: 'the credentials of Loki must allow pushing',
  403: 'the credentials of Loki must allow pushing',
  404: 'the address of Loki does not take pushes (POST /loki/api/v1/push); a gateway may let only readers through',
  405: 'the address of Loki does not take pushes (POST /loki/api/v1/push); a gateway may let only readers through',
};

/** Lines are numbered in the millisecond, so that Loki keeps their order. */
const nsPerMs = 1_000_000n;

/**
 * Writes the lines of one document. They may come twice after an error on the way, which does no harm: the entries are then the same.
 * Errors with a told error that names the cause and the cure.
 */
export function pushLines(
  { connections, redact }: Pick<Configuration, 'connections' | 'redact'>,
  labels: Readonly<Record<string, string>>,
  family: RecordFamily,
  lines: readonly string[],
  now: number
): Observable<unknown> {
  const values = lines.map((line, index) => [String(BigInt(now) * nsPerMs + BigInt(index)), line]);
  const { uid } = connections.loki();
  const json = { streams: [{ stream: { ...labels, family }, values }] };
  return connections.transport({ uid, method: 'POST', path: 'loki/api/v1/push', params: {}, json }).pipe(
    retryTransient(),
    catchError((error: unknown) => throwError(() => new ToldError(redact(explained(error)))))
  );
}

function explained(error: unknown): string {
  const { status, message } = toUpstreamError(error);
  const cure = refusals.find(([pattern]) => pattern.test(message))?.[1] ?? cureByStatus[status ?? 0];
  return `the record could not be written: ${cure ? `${cure} [${message}]` : explainByAddress('Loki', error)}`;
}
