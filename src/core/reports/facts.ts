import { unknownCountry } from '../domain/countries';
import { invalidService } from '../domain/serviceName';
import { inWholeMinutes, type Span } from '../domain/span';
import { ExactSums } from '../domain/sums';
import { compareText } from '../domain/text';
import { minHours } from '../hours/sums';
import { type UsageWindow } from '../hours/view';
import { type ServiceFilter } from '../requests/counting';
import { type KeyCounts } from '../requests/keyCounts';
import { type Edge, type Seen } from '../requests/seenTimes';
import { type Facts } from './report';

/** Hours of a span by service, in whole minutes. The windows must not cross the span's ends. */
export function sumHours(windows: readonly UsageWindow[], span: Span, services: ServiceFilter): Map<string, number> {
  const minutes = inWholeMinutes(span);
  const hours = new ExactSums<string>();
  for (const window of windows) {
    if (window.start >= minutes.start && window.end <= minutes.end) {
      for (const [service, value] of window.hours) {
        if (!services || services.has(service)) {
          hours.add(service, value);
        }
      }
    }
  }
  // What one window counted ahead, another one takes off.
  return new Map([...hours.toMap()].map(([service, value]) => [service, Math.abs(value) < minHours ? 0 : value]));
}

/** Between which times a service used CPU, to the edges of the windows; both inclusive, in ms since the epoch. */
export function usedBetween(windows: readonly UsageWindow[], span: Span): Map<string, Seen> {
  const minutes = inWholeMinutes(span);
  const used = new Map<string, Seen>();
  for (const { start, end, hours } of windows) {
    if (start >= minutes.start && end <= minutes.end) {
      const [first, last] = [Math.max(start, span.start), Math.min(end, span.end) - 1];
      for (const [service, value] of hours) {
        if (value > 0) {
          used.set(service, { first: used.get(service)?.first ?? first, last });
        }
      }
    }
  }
  return used;
}

/** The earliest and the latest of what several sources saw; null when none was asked. */
export function mergeSeen(views: ReadonlyArray<ReadonlyMap<string, Seen> | undefined>): Map<string, Seen> | null {
  const known = views.filter((view) => view !== undefined);
  if (known.length === 0) {
    return null;
  }
  const merged = new Map<string, Seen>();
  for (const [service, seen] of known.flatMap((view) => [...view])) {
    const other = merged.get(service);
    merged.set(service, other ? unionOf(other, seen) : seen);
  }
  return merged;
}

/** From the earlier of two first times to the later of two last ones. */
export function unionOf(one: Seen, other: Seen): Seen {
  return { first: best(Math.min, one, other, 'first'), last: best(Math.max, one, other, 'last') };
}

/** Undefined when one of the two is not known, because that one could be the better one. */
function best(choose: (a: number, b: number) => number, a: Seen, b: Seen, edge: Edge): number | undefined {
  const [one, other] = [a[edge], b[edge]];
  return one === undefined || other === undefined ? undefined : choose(one, other);
}

/** Names of the services among keys, sorted; what could not be a service is not one. */
export function servicesIn(keys: KeyCounts): string[] {
  return keys.namesOf('service').filter((name) => name !== invalidService);
}

/** How many services there are among keys. */
export function servicesCount(keys: KeyCounts): number {
  return keys.distinct('service') - (keys.countOf('service', invalidService) > 0 ? 1 : 0);
}

/** How many users some of the requests have; null where users cannot be counted. */
export function distinctUsers({ usersAreKnown }: Pick<Facts, 'usersAreKnown'>, keys: KeyCounts): number | null {
  return usersAreKnown ? keys.distinct('user') : null;
}

/** Requests whose countries are known, as far as they are; null where countries are not known at all. */
export function located({ requests, hasCountries }: Facts): KeyCounts | null {
  return hasCountries ? requests : null;
}

/** Largest count first, then by name (contract, "Sort"). */
export function ranked(counts: Iterable<readonly [string, number]>): Array<readonly [string, number]> {
  return [...counts].sort(([nameA, a], [nameB, b]) => b - a || compareText(nameA, nameB));
}

/** Requests by country, without those whose country is unknown. */
export function attributedEntries(keys: KeyCounts): Array<readonly [string, number]> {
  return keys.entriesOf('country').filter(([country]) => country !== unknownCountry);
}

/** The same, largest first. */
export function attributedCountries(keys: KeyCounts): Array<readonly [string, number]> {
  return ranked(attributedEntries(keys));
}

/** `ES:3|US:1` (contract, "Result frames"). */
export function countriesCell(keys: KeyCounts): string {
  return attributedCountries(keys)
    .map(([country, count]) => `${country}:${count}`)
    .join('|');
}
