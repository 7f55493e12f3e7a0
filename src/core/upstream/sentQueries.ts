import { defer } from 'rxjs';

import { type Span } from '../domain/span';
import { amountOf, isoTime } from '../domain/text';
import { type Engine, engineOf, type Transport, type TransportRequest } from './transport';

interface Sent {
  query: string;
  /** How often it was sent. */
  times: number;
  /** The evaluation times that were asked for, or the range of a log query; in ms since the epoch, both inclusive. */
  first: number;
  last: number;
  /** When it was sent last, in ms since the epoch. */
  sentAt: number;
  engine: Engine;
}

/** Different queries that are kept for each purpose, the latest ones. */
const maxKept = 50;

/** Queries that are shown for each purpose. */
const maxShown = 10;

/** The same transport, whose requests say what they are for. */
export function forPurpose(transport: Transport, purpose: string): Transport {
  return (request) => transport({ ...request, purpose });
}

/**
 * The queries that were really sent, by what they are for. Panels share their answers, so that a query may have been sent for
 * another one.
 */
export class SentQueries {
  private readonly byPurpose = new Map<string, Map<string, Sent>>();

  /** `now` in ms since the epoch. */
  constructor(private readonly now: () => number) {}

  /** Keeps what is sent through it. */
  recorded(transport: Transport): Transport {
    return (request) =>
      defer(() => {
        this.record(request);
        return transport(request);
      });
  }

  /**
   * For people: the queries for some purposes about a span that were sent since a time, in ms since the epoch; where there are
   * none, those whose answers were kept.
   */
  describe(purposes: readonly string[], span: Span, since: number): string {
    return purposes.map((purpose) => describe(purpose, this.about(purpose, span), since)).join('\n\n');
  }

  /** Forgets what was sent to the engine of a request, whose answers named what later queries asked for; the request itself stays. */
  forgetAllBut(request: TransportRequest): void {
    const engine = engineOf(request);
    const query = queryOf(request);
    for (const known of this.byPurpose.values()) {
      for (const sent of [...known.values()]) {
        if (sent.engine === engine && sent.query !== query) {
          known.delete(sent.query);
        }
      }
    }
  }

  private about(purpose: string, { start, end }: Span): Sent[] {
    // The window of a count ends at its evaluation time, and is about the ms before.
    return [...(this.byPurpose.get(purpose)?.values() ?? [])].filter(
      ({ first, last }) => first <= end && last >= start - 1
    );
  }

  private record(request: TransportRequest): void {
    const { purpose, params, evaluatedAt } = request;
    const query = queryOf(request);
    if (purpose === undefined || query === undefined) {
      return;
    }
    const known = this.byPurpose.get(purpose) ?? new Map<string, Sent>();
    const times = evaluatedAt ?? rangeOf(params);
    const now = { query, times: 1, ...times, sentAt: this.now(), engine: engineOf(request) };
    const before = known.get(query);
    known.delete(query);
    known.set(query, before ? together(before, now) : now);
    const [oldest] = known.keys();
    if (known.size > maxKept && oldest !== undefined) {
      known.delete(oldest);
    }
    this.byPurpose.set(purpose, known);
  }
}

function queryOf({ params }: TransportRequest): string | undefined {
  return params['query'] ?? params['match[]'];
}

function together(before: Sent, now: Sent): Sent {
  return {
    ...now,
    times: before.times + now.times,
    first: Math.min(before.first, now.first),
    last: Math.max(before.last, now.last),
  };
}

/** Of a log query of Loki, in ns, or of the samples at a time, in s. */
function rangeOf({ start, end, time }: Readonly<Record<string, string>>): { first: number; last: number } {
  if (time !== undefined) {
    return { first: Number(time) * 1000, last: Number(time) * 1000 };
  }
  return { first: Number(start ?? 0) / 1e6, last: Number(end ?? 0) / 1e6 };
}

function describe(purpose: string, sent: readonly Sent[], since: number): string {
  const fresh = sent.filter(({ sentAt }) => sentAt >= since);
  const shown = fresh.length > 0 ? fresh : sent;
  if (shown.length === 0) {
    return `${purpose}: nothing was sent`;
  }
  const first = Math.min(...shown.map((one) => one.first));
  const last = Math.max(...shown.map((one) => one.last));
  const requests = shown.reduce((sum, { times }) => sum + times, 0);
  const when = `${amountOf(requests, 'request')}, evaluated from ${isoTime(first)} to ${isoTime(last)}`;
  const head = fresh.length > 0 ? `${purpose}, ${when}:` : `${purpose}, answered earlier and cached, ${when}:`;
  const left = shown.length - maxShown;
  return [
    head,
    ...shown.slice(-maxShown).map(({ query }) => query),
    ...(left > 0 ? [`… and ${left} more of this kind`] : []),
  ].join('\n');
}
