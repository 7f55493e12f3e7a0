import { defer } from 'rxjs';

import { dayMs } from '../domain/duration';
import { type Span } from '../domain/span';
import { amountOf, isoTime } from '../domain/text';
import { type Engine, engineOf, type Transport, type TransportRequest } from './transport';

/** Something that was sent. */
interface Sent {
  /** The query; of a question without one, its path. Absent of all but the latest. */
  query?: string;
  /** The evaluation times that were asked for, or the range of a log query; in ms since the epoch, both inclusive. */
  first: number;
  last: number;
  /** In ms since the epoch. */
  sentAt: number;
  engine: Engine;
}

/** What is described: the queries for a purpose, and what of their answers was in memory. */
export interface Described {
  purpose: string;
  /** The part of the span that was not asked for, because it was read before: 0 to 1. */
  remembered: number;
}

/** Requests that are counted for each purpose, the latest ones. */
const maxCounted = 2000;

/** Of these, so many are kept with their queries, which may have thousands of characters. */
const maxKept = 50;

/** Different queries that are shown for each purpose. */
const maxShown = 10;

const engineTitles: Readonly<Record<Engine, string>> = { loki: 'Loki', prometheus: 'Prometheus' };

/** The same transport, whose requests say what they are for. */
export function forPurpose(transport: Transport, purpose: string): Transport {
  return (request) => transport({ ...request, purpose });
}

/**
 * The queries that were really sent, by what they are for. Panels share their answers, so that a query may have been sent for
 * another one.
 */
export class SentQueries {
  private readonly byPurpose = new Map<string, Sent[]>();

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
   * For people: how many requests about a span were sent since a time, in ms since the epoch, and for each purpose the queries, and
   * what came from memory, with the queries by which that was read.
   */
  describe(described: readonly Described[], span: Span, since: number): string {
    const parts = described.map((one) => ({ ...one, sent: this.about(one.purpose, span) }));
    const fresh = parts.flatMap(({ sent }) => sent.filter(({ sentAt }) => sentAt >= since));
    const totals = `sent since ${isoTime(since)} for the panels of this range: ${requestsOf(fresh) || 'nothing'}`;
    return [totals, ...parts.map((part) => describe(part, since))].join('\n\n');
  }

  /** Forgets what was sent to the engine of a request, whose answers named what later queries asked for; the request itself stays. */
  forgetAllBut(request: TransportRequest): void {
    const engine = engineOf(request);
    const query = queryOf(request);
    for (const [purpose, sent] of this.byPurpose) {
      this.byPurpose.set(
        purpose,
        sent.filter((one) => one.engine !== engine || one.query === query)
      );
    }
  }

  private about(purpose: string, { start, end }: Span): Sent[] {
    // The window of a count ends at its evaluation time or, by an offset, up to a day before, and is about the ms before its end.
    return (this.byPurpose.get(purpose) ?? []).filter(({ first, last }) => first <= end + dayMs && last >= start - 1);
  }

  private record(request: TransportRequest): void {
    const { purpose, evaluatedAt, params } = request;
    if (purpose === undefined) {
      return;
    }
    const sent = this.byPurpose.get(purpose) ?? [];
    const times = evaluatedAt ?? rangeOf(params);
    sent.push({ query: queryOf(request), ...times, sentAt: this.now(), engine: engineOf(request) });
    delete sent[sent.length - 1 - maxKept]?.query;
    if (sent.length > maxCounted) {
      sent.shift();
    }
    this.byPurpose.set(purpose, sent);
  }
}

function queryOf({ params, path }: TransportRequest): string {
  return params['query'] ?? params['match[]'] ?? path;
}

/** Of a log query of Loki, in ns, or of the samples at a time, in s. What has neither is about any time. */
function rangeOf({ start, end, time }: Readonly<Record<string, string>>): Pick<Sent, 'first' | 'last'> {
  if (time !== undefined) {
    return { first: Number(time) * 1000, last: Number(time) * 1000 };
  }
  return start === undefined || end === undefined
    ? { first: -Infinity, last: Infinity }
    : { first: Number(start) / 1e6, last: Number(end) / 1e6 };
}

function describe({ purpose, remembered, sent }: Described & { sent: readonly Sent[] }, since: number): string {
  const fresh = sent.filter(({ sentAt }) => sentAt >= since);
  const memory = remembered > 0 ? `${shareOf(remembered)} of the range from memory` : undefined;
  const head = [memory, fresh.length > 0 ? `${requestsOf(fresh)}${timesOf(fresh)}` : 'nothing was sent'];
  const earlier = fresh.length === 0 && memory !== undefined && sent.length > 0;
  return [
    `${purpose}: ${head.filter((text) => text !== undefined).join('; ')}`,
    ...(earlier ? [`read earlier by ${requestsOf(sent)}${timesOf(sent)}`] : []),
    ...queriesOf(earlier ? sent : fresh),
  ].join('\n');
}

/** `2 requests to Loki, 1 request to Prometheus`; empty for none. */
function requestsOf(sent: readonly Sent[]): string {
  return (Object.keys(engineTitles) as Engine[])
    .map((engine) => ({ engine, count: sent.filter((one) => one.engine === engine).length }))
    .filter(({ count }) => count > 0)
    .map(({ engine, count }) => `${amountOf(count, 'request')} to ${engineTitles[engine]}`)
    .join(', ');
}

function timesOf(sent: readonly Sent[]): string {
  const timed = sent.filter(({ first }) => Number.isFinite(first));
  const first = timed.reduce((least, one) => Math.min(least, one.first), Infinity);
  const last = timed.reduce((most, one) => Math.max(most, one.last), -Infinity);
  return timed.length > 0 ? `, evaluated from ${isoTime(first)} to ${isoTime(last)}` : '';
}

/** The latest of the queries, once each. */
function queriesOf(sent: readonly Sent[]): string[] {
  const known = sent.map(({ query }) => query).filter((query) => query !== undefined);
  const shown = [...new Set(known.reverse())].slice(0, maxShown).reverse();
  const left = sent.filter(({ query = '' }) => !shown.includes(query)).length;
  return [...shown, ...(left > 0 ? [`… and ${amountOf(left, 'more request')} of this kind`] : [])];
}

/** In whole percent, and never all or nothing where it is neither. */
function shareOf(part: number): string {
  return part >= 1 ? 'all' : `${Math.min(99, Math.max(1, Math.round(part * 100)))} %`;
}
