import { quarterHourMs } from '../domain/duration';
import { invalidService } from '../domain/serviceName';
import { clip, isEmpty, type Span } from '../domain/span';
import { type Cell, type ServiceTimes } from '../requests/cell';
import { type Grid, nextHardEdge } from '../requests/grid';
import { type KeyTable, type RequestKey } from '../requests/keyTable';
import { type DayCounts, type DayHours, lineKinds, lostQuarters, nanoHoursInHour, quarterOf } from './dayRecord';
import { countedUser } from './users';

/** What a record gives of a span, and what it leaves to others. */
export interface RecordedCells {
  cells: Cell[];
  left: Span[];
}

/** The numbers of a record's keys in a table. */
export function numbersIn(table: KeyTable, { family, names, memberships, keys }: DayCounts): Uint32Array {
  const users =
    family === 'exposed'
      ? names.user
      : names.user.map((name, number) => countedUser({ name, membership: memberships?.[number] }));
  const nameOf = (all: readonly string[], numbers: Uint32Array, key: number) => all[numbers[key] as number] as string;
  // Of a large day there are a hundred thousand.
  return keys.user.map((_, key) =>
    table.intern({
      type: nameOf(names.type, keys.type, key) as RequestKey['type'],
      service: nameOf(names.service, keys.service, key),
      user: nameOf(users, keys.user, key),
      country: nameOf(names.country, keys.country, key),
      auth: nameOf(names.auth, keys.auth, key),
      outcome: nameOf(names.outcome, keys.outcome, key) as RequestKey['outcome'],
    })
  );
}

/**
 * The cells of a span, as far as a record of a day (a span of UTC) has it: whole quarter hours, which cross no edge of the grid. `ids` are
 * the numbers of the record's keys. Cells and what is left cover the span exactly once, unless it reaches beyond the day.
 */
export function recordedCells(record: DayCounts, day: Span, span: Span, grid: Grid, ids: Uint32Array): RecordedCells {
  const lost = lostQuarters(day, record.findings);
  const [part] = clip([span], day);
  const result: RecordedCells = { cells: [], left: [] };
  for (let { start, end } = part ?? { start: 0, end: 0 }; start < end;) {
    const edge = Math.min(end, nextHardEdge(grid, start));
    const isLost = lost[Math.floor((start - day.start) / quarterHourMs)];
    if (start % quarterHourMs !== 0 || edge - start < quarterHourMs || isLost) {
      const next = Math.min(edge, (Math.floor(start / quarterHourMs) + 1) * quarterHourMs);
      leave(result.left, { start, end: next });
      start = next;
      continue;
    }
    let cellEnd = start;
    while (cellEnd + quarterHourMs <= edge && !lost[(cellEnd - day.start) / quarterHourMs]) {
      cellEnd += quarterHourMs;
    }
    result.cells.push(cellOf(record, day, { start, end: cellEnd }, ids));
    start = cellEnd;
  }
  return result;
}

function leave(left: Span[], span: Span): void {
  const last = left[left.length - 1];
  if (last?.end === span.start) {
    last.end = span.end;
  } else if (!isEmpty(span)) {
    left.push(span);
  }
}

/** The cell of some whole quarter hours. */
function cellOf(record: DayCounts, day: Span, span: Span, numbers: Uint32Array): Cell {
  const { rows, lines } = record;
  const [first, end] = [(span.start - day.start) / quarterHourMs, (span.end - day.start) / quarterHourMs];
  const countById = new Map<number, number>();
  for (let row = rows.ends[first - 1] ?? 0; row < (rows.ends[end - 1] as number); row += 1) {
    const id = numbers[rows.keys[row] as number] as number;
    countById.set(id, (countById.get(id) ?? 0) + (rows.counts[row] as number));
  }
  const ids = Uint32Array.from(countById.keys()).sort();
  const counts = ids.map((id) => countById.get(id) as number);
  const sums = lineKinds.map((kind) => lines[kind].subarray(first, end).reduce((sum, own) => sum + own, 0));
  const [unparsed = 0, unread = 0, cut = 0] = sums;
  const seen = seenIn(record, day, first, end);
  return {
    ...span,
    ids,
    counts,
    unparsed,
    ...(unread > 0 && { unread }),
    ...(cut > 0 && { cut }),
    ...(seen && { seen }),
  };
}

/** When services were first and last called; undefined unless that is known of each one in each of its quarter hours. */
function seenIn(record: DayCounts, day: Span, from: number, end: number): ServiceTimes | undefined {
  const { names, keys, rows, times } = record;
  const timesByService = new Map<number, { first: number; last: number }>();
  for (let quarter = from; quarter < end; quarter += 1) {
    const { start } = quarterOf(day.start, quarter);
    const own = times.services.subarray(times.ends[quarter - 1] ?? 0, times.ends[quarter]);
    const timed = new Set(own);
    for (const key of rows.keys.subarray(rows.ends[quarter - 1] ?? 0, rows.ends[quarter])) {
      const service = keys.service[key] as number;
      const name = names.service[service] ?? '';
      if (name !== '' && name !== invalidService && !timed.has(service)) {
        return undefined;
      }
    }
    own.forEach((service, index) => {
      const at = (times.ends[quarter - 1] ?? 0) + index;
      const first = timesByService.get(service)?.first ?? start + (times.first[at] as number);
      timesByService.set(service, { first, last: start + (times.last[at] as number) });
    });
  }
  const all = [...timesByService.values()];
  return {
    services: Array.from(timesByService.keys(), (service) => names.service[service] ?? ''),
    first: Float64Array.from(all, ({ first }) => first),
    last: Float64Array.from(all, ({ last }) => last),
  };
}

/** Hours by service in some whole quarter hours of a record's day. Nothing is known of those that are lost. */
export function recordedHours(
  { services, tables }: DayHours,
  day: Span,
  span: Span,
  kind: keyof DayHours['tables'] = 'hours'
): ReadonlyMap<string, number> {
  const table = tables[kind];
  const nanoHours = new Map<string, number>();
  if (table) {
    const [first, end] = [(span.start - day.start) / quarterHourMs, (span.end - day.start) / quarterHourMs];
    for (let row = table.ends[first - 1] ?? 0; row < (table.ends[end - 1] ?? 0); row += 1) {
      const service = services[table.services[row] as number] ?? '';
      nanoHours.set(service, (nanoHours.get(service) ?? 0) + (table.nanoHours[row] as number));
    }
  }
  return new Map(Array.from(nanoHours, ([service, value]) => [service, value / nanoHoursInHour]));
}
