import { dimensions } from '../requests/keyTable';
import { type DayCounts, type DayHours, type DayRecord, type HoursTable, isCounts, lineKinds } from './dayRecord';

/**
 * The document of a day: JSON, whose columns are compressed well because they hold small differences. The same record gives the
 * same text, so that texts tell whether records are alike.
 */
export function documentOf(record: DayRecord): string {
  const { family, patterns, settings, findings } = record;
  const sorted = Object.fromEntries(Object.entries(settings).sort(([a], [b]) => (a < b ? -1 : 1)));
  const content = isCounts(record) ? countsDocument(record) : hoursDocument(record);
  return JSON.stringify({ family, patterns, settings: sorted, findings, ...content });
}

function countsDocument({ users, names, memberships, keys, rows, logLines, lines, times }: DayCounts) {
  const columns = dimensions.map((dimension) => {
    const numbers = Array.from(keys[dimension]);
    return [dimension, dimension === 'user' ? differences(numbers) : numbers];
  });
  return {
    users,
    totals: {
      requests: sumOf(rows.counts),
      keys: keys.user.length,
      rows: rows.keys.length,
      ...Object.fromEntries(lineKinds.map((kind) => [kind, sumOf(lines[kind])])),
    },
    names,
    ...(memberships && { memberships }),
    keys: Object.fromEntries(columns),
    rows: {
      lengths: differences(rows.ends),
      keys: differencesWithin(rows.ends, rows.keys),
      counts: Array.from(rows.counts),
    },
    ...(logLines !== undefined && { logLines }),
    lines: Object.fromEntries(lineKinds.map((kind) => [kind, sparse(lines[kind])])),
    times: {
      lengths: differences(times.ends),
      services: differencesWithin(times.ends, times.services),
      first: Array.from(times.first),
      lasted: Array.from(times.last, (last, index) => last - (times.first[index] as number)),
    },
  };
}

function hoursDocument({ services, tables }: DayHours) {
  const written = Object.entries(tables).map(([name, table]: [string, HoursTable]) => [name, tableDocument(table)]);
  return { services, tables: Object.fromEntries(written) };
}

function tableDocument({ ends, services, nanoHours }: HoursTable) {
  return {
    total: sumOf(nanoHours),
    lengths: differences(ends),
    services: differencesWithin(ends, services),
    nanoHours: Array.from(nanoHours),
  };
}

export function sumOf(numbers: Iterable<number>): number {
  let sum = 0;
  for (const number of numbers) {
    sum += number;
  }
  return sum;
}

/** Each number less the one before it. */
function differences(numbers: ArrayLike<number>): number[] {
  return Array.from(numbers, (number, index) => (index === 0 ? number : number - (numbers[index - 1] as number)));
}

/** The same, anew in each part; `ends` are where the parts end. */
function differencesWithin(ends: Uint32Array, numbers: Uint32Array): number[] {
  const all = differences(numbers);
  for (const end of ends) {
    if (end < numbers.length) {
      all[end] = numbers[end] as number;
    }
  }
  return all;
}

/** Index and number, of those that are not 0. */
function sparse(numbers: Uint32Array): number[] {
  return Array.from(numbers).flatMap((number, index) => (number === 0 ? [] : [index, number]));
}
