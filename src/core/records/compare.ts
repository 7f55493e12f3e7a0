import { type Span } from '../domain/span';
import { isoTime } from '../domain/text';
import {
  type DayCounts,
  type DayHours,
  type DayRecord,
  isCounts,
  lineKinds,
  nanoHoursInHour,
  quarterOf,
} from './dayRecord';
import { documentOf, sumOf } from './document';

/** Hours that differ by less are the same samples, added up in another order. */
const sameHours = 1e-6;

/**
 * What differs between a record and a new count of its day, in words; nothing where both count the same. Findings are no part of it:
 * what is known of a source changes with time.
 */
export function differencesOf(recorded: DayRecord, counted: DayRecord, day: Span): string[] {
  if (isCounts(recorded) && isCounts(counted)) {
    return ofCounts(recorded, counted, day);
  }
  return isCounts(recorded) || isCounts(counted) ? ['they are of different families'] : ofHours(recorded, counted);
}

function ofCounts(recorded: DayCounts, counted: DayCounts, day: Span): string[] {
  const content = (record: DayCounts) =>
    documentOf({ ...record, findings: [], settings: {}, patterns: 0, logLines: undefined });
  if (content(recorded) === content(counted)) {
    return [];
  }
  const totals = [
    { what: 'requests', of: ({ rows }: DayCounts) => sumOf(rows.counts) },
    { what: 'different keys', of: ({ keys }: DayCounts) => keys.user.length },
    ...lineKinds.map((kind) => ({ what: `${kind} lines`, of: ({ lines }: DayCounts) => sumOf(lines[kind]) })),
  ].flatMap(({ what, of }) =>
    of(recorded) === of(counted) ? [] : [`${what}: ${of(recorded)} recorded, ${of(counted)} counted`]
  );
  const quarters = Array.from(recorded.rows.ends.keys()).filter(
    (quarter) => requestsIn(recorded, quarter) !== requestsIn(counted, quarter)
  );
  const [first] = quarters;
  return [
    ...totals,
    ...(first === undefined
      ? []
      : [
          `quarter hours with other numbers of requests: ${quarters.length}, the first one at ${isoTime(quarterOf(day.start, first).start)}`,
        ]),
    ...(totals.length === 0 && first === undefined
      ? ['as many requests in each quarter hour, but of other keys or times']
      : []),
  ];
}

function requestsIn({ rows }: DayCounts, quarter: number): number {
  return sumOf(rows.counts.subarray(rows.ends[quarter - 1] ?? 0, rows.ends[quarter]));
}

function ofHours(recorded: DayHours, counted: DayHours): string[] {
  const names = ['hours', 'active', 'allocated'] as const;
  return names.flatMap((name) => {
    const [before, now] = [recorded, counted].map((record) => hoursByRow(record, name)) as [Rows, Rows];
    const keys = [...new Set([...before.keys(), ...now.keys()])];
    const differing = keys.filter((key) => Math.abs((before.get(key) ?? 0) - (now.get(key) ?? 0)) > sameHours);
    const total = (rows: Rows) => sumOf(rows.values()).toFixed(4);
    return differing.length > 0
      ? [
          `${name}: ${total(before)} recorded, ${total(now)} counted; quarter hours of services that differ: ${differing.length}`,
        ]
      : [];
  });
}

type Rows = ReadonlyMap<string, number>;

function hoursByRow({ services, tables }: DayHours, name: keyof DayHours['tables']): Rows {
  const { ends, services: numbers, nanoHours } = tables[name] ?? { ends: [], services: [], nanoHours: [] };
  const rows = new Map<string, number>();
  let quarter = 0;
  for (let row = 0; row < numbers.length; row += 1) {
    while (row >= (ends[quarter] as number)) {
      quarter += 1;
    }
    rows.set(`${quarter} ${services[numbers[row] as number]}`, (nanoHours[row] as number) / nanoHoursInHour);
  }
  return rows;
}
