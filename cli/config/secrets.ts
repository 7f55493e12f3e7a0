import { catchError, throwError } from 'rxjs';

import { UpstreamError } from '../../src/core/upstream/errors';
import { errorOfFetch, type Transport } from '../../src/core/upstream/transport';

/** Takes secrets out of a text. */
export type Redact = (text: string) => string;

const replacement = '***';

/** Longest first, so that a secret inside another one leaves nothing of the longer one behind. */
export function redactorOf(secrets: readonly string[]): Redact {
  const ordered = [...new Set(secrets)].filter((secret) => secret !== '').sort((a, b) => b.length - a.length);
  return (text) => ordered.reduce((left, secret) => left.split(secret).join(replacement), text);
}

/** The same transport, whose errors hold no secret, whatever an upstream quotes. */
export function redactedTransport(transport: Transport, redact: Redact): Transport {
  return (request) =>
    transport(request).pipe(
      catchError((error: unknown) => {
        const { kind, message, status, limit, tookMs } = errorOfFetch(error);
        return throwError(() => new UpstreamError(kind, redact(message), status, { limit, tookMs }));
      })
    );
}
