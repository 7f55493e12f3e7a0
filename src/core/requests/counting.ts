import { unknownCountry } from '../domain/countries';
import { type Span } from '../domain/span';
import { type Cell } from './cell';
import { KeyCounts } from './keyCounts';
import { type KeyTable } from './keyTable';

/** Which services a report is about; undefined means all. */
export type ServiceFilter = ReadonlySet<string> | undefined;

interface Ledgered {
  cells: readonly Cell[];
  table: KeyTable;
}

/** What was counted already: the reports of a dashboard share one view, and most of them the span. */
const counted = new WeakMap<Ledgered, Map<string, KeyCounts>>();

/** Requests of a span by key. The cells must not cross the span's ends. */
export function countKeys(view: Ledgered, span: Span, services: ServiceFilter): KeyCounts {
  const bySpan = counted.get(view) ?? new Map<string, KeyCounts>();
  counted.set(view, bySpan);
  const name = `${span.start}-${span.end}`;
  const keys = bySpan.get(name) ?? KeyCounts.ofCells(view.table, view.cells, span);
  bySpan.set(name, keys);
  return services ? keys.where('service', (service) => services.has(service)) : keys;
}

const processed = new WeakMap<KeyCounts, KeyCounts>();

/** Requests that somebody processed (contract rule 1). The same object for the same keys, as panels share what it counts. */
export function withoutRejected(keys: KeyCounts): KeyCounts {
  const known = processed.get(keys);
  const hasRejected = keys.countOf('outcome', 'rejected') > 0;
  const kept = known ?? (hasRejected ? keys.where('outcome', (outcome) => outcome !== 'rejected') : keys);
  processed.set(keys, kept);
  return kept;
}

/** Share of the requests whose country is known, in percent with one decimal; null without requests (rule 7). */
export function attributionPercent(keys: KeyCounts): number | null {
  const all = keys.total;
  return all === 0 ? null : roundShare(1 - keys.countOf('country', unknownCountry) / all);
}

/** A share of 1 in percent, one decimal. Only a whole is 100.0 and only nothing is 0.0. */
function roundShare(share: number): number {
  const percent = Math.round(share * 1000) / 10;
  if (percent === 100 && share < 1) {
    return 99.9;
  }
  return percent === 0 && share > 0 ? 0.1 : percent;
}
