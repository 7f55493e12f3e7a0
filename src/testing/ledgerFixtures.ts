import { lastValueFrom, type Observable, switchMap } from 'rxjs';

import { gapsIn, type Span, totalLength } from '../core/domain/span';
import { type LedgerRequest, type LedgerView } from '../core/requests/ledger';
import { UpstreamError, type UpstreamErrorKind } from '../core/upstream/errors';
import { LokiClient } from '../core/upstream/loki';
import { type Transport } from '../core/upstream/transport';
import { epoch, type KnownEntry, nameOf, recount } from './arbitraries';
import { FakeLoki, type FakeLokiOptions } from './fakeLoki';
import { ledgersAt } from './ledgers';
import { lineOptions } from './lineOptions';

/** Long after everything that is read, so that all of it is settled. */
export const late = epoch + 1000 * 3_600_000;
const noRetries = { retries: 0, firstDelayMs: 0, longestDelayMs: 0, random: () => 0 };

/** A ledger of requests over any transport. */
export function openOver(transport: Transport, now: () => number = () => late, cacheBytes = 1e8) {
  const client = new LokiClient(transport, 'loki', noRetries);
  const ledgers = ledgersAt(now, cacheBytes);
  const view = (request: LedgerRequest): Observable<LedgerView> =>
    ledgers.requests(client, '{app="oscar"}', lineOptions).pipe(switchMap((ledger) => ledger.view(request)));
  return { ledgers, view, read: (request: LedgerRequest) => lastValueFrom(view(request)) };
}

/** A ledger of requests over a fake Loki. */
export function open(
  entries: readonly KnownEntry[],
  options: FakeLokiOptions = {},
  now?: () => number,
  cacheBytes?: number
) {
  const loki = new FakeLoki(entries, options);
  return { loki, ...openOver(loki.transport, now, cacheBytes) };
}

/** Requests of a view by `type service user country outcome`, as `recount` has them. */
export function countsOf({ cells, table }: LedgerView): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { ids, counts: own } of cells) {
    ids.forEach((id, index) => {
      const name = nameOf(table.keyOf(id));
      counts.set(name, (counts.get(name) ?? 0) + (own[index] ?? 0));
    });
  }
  return counts;
}

/** The cells and the missing spans cover the range exactly once, and the counts are those of what is not missing. */
export function expectExact(view: LedgerView, entries: readonly KnownEntry[], span: Span) {
  const parts = [...view.cells, ...view.missing].map(({ start, end }) => ({ start, end }));
  expect(totalLength(parts)).toBe(totalLength([span]));
  expect(gapsIn(span, parts)).toEqual([]);
  const known = gapsIn(span, view.missing);
  expect([...countsOf(view)].sort()).toEqual([...recount(entries, ...known)].sort());
}

/** Kinds of errors that a request may fail with now and then. */
export const failures = [
  'timeout',
  'unavailable',
  'rate',
  'malformed',
  'size-limit',
  'permission',
  'cancelled',
] as const;

/** Answers the requests in their order with these errors; undefined for those that succeed. */
export function failing(kinds: ReadonlyArray<UpstreamErrorKind | undefined>): FakeLokiOptions['fault'] {
  return (_, number) => {
    const kind = kinds[number - 1];
    return kind && new UpstreamError(kind, kind);
  };
}
