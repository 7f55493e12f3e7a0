import { unknownCountry } from '../domain/countries';
import { invalidService } from '../domain/serviceName';
import { type Span } from '../domain/span';
import { type Cell } from '../ledger/cell';
import { type KeyTable, type RequestKey } from '../ledger/keyTable';
import { type UsageWindow } from '../usage/usageReader';

/** One distinct key of a range, with its number of requests. */
export type CountedKey = RequestKey & { count: number };

/** Which services a report is about; undefined means all. */
export type ServiceFilter = ReadonlySet<string> | undefined;

interface Ledgered {
  cells: readonly Cell[];
  table: KeyTable;
}

/** What was counted already: the reports of a dashboard share one view, and most of them the span. */
const counted = new WeakMap<Ledgered, Map<string, CountedKey[]>>();

/** Requests of a span by key. The cells must not cross the span's ends. */
export function countKeys(view: Ledgered, span: Span, services: ServiceFilter): CountedKey[] {
  const bySpan = counted.get(view) ?? new Map<string, CountedKey[]>();
  counted.set(view, bySpan);
  const name = `${span.start}-${span.end}`;
  const keys = bySpan.get(name) ?? countAll(view, span);
  bySpan.set(name, keys);
  return services ? keys.filter(({ service }) => services.has(service)) : keys;
}

function countAll({ cells, table }: Ledgered, span: Span): CountedKey[] {
  const counts = new Map<number, number>();
  for (const cell of cells) {
    if (cell.start >= span.start && cell.end <= span.end) {
      for (let index = 0; index < cell.ids.length; index += 1) {
        const id = cell.ids[index] as number;
        counts.set(id, (counts.get(id) ?? 0) + (cell.counts[index] as number));
      }
    }
  }
  const keys: CountedKey[] = [];
  for (const [id, count] of counts) {
    const key = table.keys[id];
    if (key) {
      const { type, service, user, country, auth } = key;
      keys.push({ type, service, user, country, auth, count });
    }
  }
  return keys;
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

export function sumCounts(keys: readonly CountedKey[], predicate: (key: CountedKey) => boolean = () => true): number {
  return keys.reduce((sum, key) => (predicate(key) ? sum + key.count : sum), 0);
}

/** Requests by a property of their key. */
export function countBy(keys: readonly CountedKey[], property: (key: CountedKey) => string): Map<string, number> {
  const counts = new Map<string, number>();
  for (const key of keys) {
    const name = property(key);
    counts.set(name, (counts.get(name) ?? 0) + key.count);
  }
  return counts;
}

/** Keys by a property, in groups. */
export function groupBy(keys: readonly CountedKey[], property: (key: CountedKey) => string): Map<string, CountedKey[]> {
  const groups = new Map<string, CountedKey[]>();
  for (const key of keys) {
    const name = property(key);
    const group = groups.get(name);
    if (group) {
      group.push(key);
    } else {
      groups.set(name, [key]);
    }
  }
  return groups;
}

export function distinct(keys: readonly CountedKey[], property: (key: CountedKey) => string): string[] {
  return [...new Set(keys.map(property))].sort(compareText);
}

/** Names of the services among keys, sorted; what could not be a service is not one. */
export function servicesIn(keys: readonly CountedKey[]): string[] {
  return distinct(keys, ({ service }) => service).filter((name) => name !== invalidService);
}

/** Largest count first, then by name (contract, "Sort"). */
export function ranked(counts: ReadonlyMap<string, number>): Array<[string, number]> {
  return [...counts].sort(([nameA, a], [nameB, b]) => b - a || compareText(nameA, nameB));
}

/** Requests by country, without those whose country is unknown. */
export function attributedCountries(keys: readonly CountedKey[]): Array<[string, number]> {
  return ranked(
    countBy(
      keys.filter(({ country }) => country !== unknownCountry),
      ({ country }) => country
    )
  );
}

/** `ES:3|US:1` (contract, "Result frames"). */
export function countriesCell(keys: readonly CountedKey[]): string {
  return attributedCountries(keys)
    .map(([country, count]) => `${country}:${count}`)
    .join('|');
}

/** Order by code unit: the same on every machine, whatever its language. */
export function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Share of the requests whose country is known, in percent with one decimal; null without requests (rule 7). */
export function attributionPercent(keys: readonly CountedKey[]): number | null {
  const all = sumCounts(keys);
  return all === 0 ? null : roundShare(sumCounts(keys, ({ country }) => country !== unknownCountry) / all);
}

/** A share of 1 in percent, one decimal. Only a whole is 100.0 and only nothing is 0.0. */
function roundShare(share: number): number {
  const percent = Math.round(share * 1000) / 10;
  if (percent === 100 && share < 1) {
    return 99.9;
  }
  return percent === 0 && share > 0 ? 0.1 : percent;
}
