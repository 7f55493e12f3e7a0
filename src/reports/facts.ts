import { unknownCountry } from '../domain/countries';
import { invalidService } from '../domain/serviceName';
import { type Span } from '../domain/span';
import { compareText } from '../domain/text';
import { type Cell } from '../ledger/cell';
import { KeyCounts } from '../ledger/keyCounts';
import { type KeyTable } from '../ledger/keyTable';
import { type UsageWindow } from '../usage/usageReader';

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

/** Hours of a span by service. The windows must not cross the span's ends. */
export function sumHours(windows: readonly UsageWindow[], span: Span, services: ServiceFilter): Map<string, number> {
  const hours = new Map<string, number>();
  for (const window of windows) {
    if (window.start >= span.start && window.end <= span.end) {
      for (const [service, value] of window.hours) {
        if (!services || services.has(service)) {
          hours.set(service, (hours.get(service) ?? 0) + value);
        }
      }
    }
  }
  return hours;
}

/** Names of the services among keys, sorted; what could not be a service is not one. */
export function servicesIn(keys: KeyCounts): string[] {
  return keys.namesOf('service').filter((name) => name !== invalidService);
}

/** Largest count first, then by name (contract, "Sort"). */
export function ranked(counts: ReadonlyMap<string, number>): Array<[string, number]> {
  return [...counts].sort(([nameA, a], [nameB, b]) => b - a || compareText(nameA, nameB));
}

/** Requests by country, without those whose country is unknown, largest first. */
export function attributedCountries(keys: KeyCounts): Array<[string, number]> {
  return ranked(keys.countBy('country')).filter(([country]) => country !== unknownCountry);
}

/** `ES:3|US:1` (contract, "Result frames"). */
export function countriesCell(keys: KeyCounts): string {
  return attributedCountries(keys)
    .map(([country, count]) => `${country}:${count}`)
    .join('|');
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
