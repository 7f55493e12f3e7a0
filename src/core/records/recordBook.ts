import { clip, gapsIn, lengthOf, type Span } from '../domain/span';
import { type Cell } from '../requests/cell';
import { type Grid } from '../requests/grid';
import { type KeyTable } from '../requests/keyTable';
import { type CountFamily, type Day, type DayCounts, isComplete, isCounts, spanOfDay } from './dayRecord';
import { differsFrom, type ShapingSettings } from './patterns';
import { type RecordedDay } from './readRecords';
import { numbersIn, recordedCells, type RecordedCells } from './recordedCells';

/** A day that can be taken from its record. */
export interface BookedDay {
  day: Day;
  /** The day, in ms since the epoch. */
  span: Span;
  record: DayCounts;
  /** ISO 8601. */
  recordedAt: string;
  /** Why the logs are to be asked first, and why the day is in doubt where they are gone; absent where the record is as good as the logs. */
  doubt?: string;
}

/** The days of one family that have a valid record, ascending, as the options of today would have them. */
export function bookedDays(days: readonly RecordedDay[], family: CountFamily, settings: ShapingSettings): BookedDay[] {
  const booked = days.flatMap(({ family: own, day, valid, refused }): BookedDay[] => {
    const span = spanOfDay(day);
    if (own !== family || !valid || !span || !isCounts(valid.record)) {
      return [];
    }
    const { record, header } = valid;
    const newer = refused[0];
    const doubts = [
      differsFrom(record, settings),
      newer && `a newer record, of ${newer.recordedAt}, is not valid: ${newer.reason}`,
      isComplete(record) ? undefined : 'it was not complete when it was recorded',
      // Rules of membership would take a digest for the id of a member.
      family === 'requests' && record.users.mode !== 'plain' ? 'its users are not those of the logs' : undefined,
    ].filter((doubt) => doubt !== undefined);
    const { recordedAt } = header;
    return [{ day, span, record, recordedAt, ...(doubts.length > 0 && { doubt: doubts.join('; ') }) }];
  });
  return booked.sort((a, b) => a.span.start - b.span.start);
}

/**
 * The cells of spans, as far as some days have them; they cross no edge of the grid. Cells and what is left cover the spans exactly
 * once. Days must not overlap.
 */
export function bookedCells(
  days: readonly BookedDay[],
  spans: readonly Span[],
  grid: Grid,
  table: KeyTable
): RecordedCells {
  const cells: Cell[] = [];
  const left: Span[] = [];
  for (const { record, span: day } of days) {
    const parts = spans.flatMap((span) => clip([span], day)).filter((part) => lengthOf(part) > 0);
    if (parts.length > 0) {
      const numbers = numbersIn(table, record);
      for (const part of parts) {
        const own = recordedCells(record, day, part, grid, numbers);
        cells.push(...own.cells);
        left.push(...own.left);
      }
    }
  }
  const unbooked = spans.flatMap((span) =>
    gapsIn(
      span,
      days.map((one) => one.span)
    )
  );
  return {
    cells: cells.sort((a, b) => a.start - b.start),
    left: [...left, ...unbooked].sort((a, b) => a.start - b.start),
  };
}

/** Whether users can be told apart over all of some days; `withLogs` where others come from the logs. */
export function usersAreKnown(days: readonly BookedDay[], withLogs: boolean): boolean {
  const kinds = new Set([
    ...days.map(({ record }) => JSON.stringify(record.users)),
    ...(withLogs ? ['{"mode":"plain"}'] : []),
  ]);
  return kinds.size <= 1 && !days.some(({ record }) => record.users.mode === 'none');
}
