import { unknownCountry } from '../domain/countries';
import { invalidService } from '../domain/serviceName';
import { type Span } from '../domain/span';
import { compareText } from '../domain/text';
import { type ServiceFilter } from '../ledger/counting';
import { type KeyCounts } from '../ledger/keyCounts';
import { type UsageWindow } from '../usage/usageReader';

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
