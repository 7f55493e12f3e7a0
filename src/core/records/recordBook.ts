import { type Finding } from '../completeness/findings';
import { clip, gapsIn, lengthOf, type Span } from '../domain/span';
import { type Cell, type CellOrigin } from '../requests/cell';
import { type Grid } from '../requests/grid';
import { type KeyTable } from '../requests/keyTable';
import { type Work } from '../runtime/turns';
import {
  type CountFamily,
  type Day,
  type DayCounts,
  type DayHours,
  type DayRecord,
  isCounts,
  type RecordedUsers,
  type RecordFamily,
  spanOfDay,
} from './dayRecord';
import { differsFrom, type ShapingSettings } from './patterns';
import { type RecordedDay } from './readRecords';
import { numbersIn, recordedCells, type RecordedCells } from './recordedCells';

/** What is known of a day that was taken from its record, beside its figures. */
export class RecordOrigin implements CellOrigin {
  /** Why its figures are in doubt, although it is valid; undefined where they are as good as today's own. */
  readonly doubt?: string;
  /** What was known of the source when it was recorded; its spans lie in the day. */
  readonly findings: readonly Finding[];
  /** Absent of hours. */
  readonly users?: RecordedUsers;

  constructor(
    readonly day: Day,
    /** The day, in ms since the epoch. */
    readonly span: Span,
    readonly recordedAt: string,
    record: DayRecord,
    doubts: readonly string[]
  ) {
    this.doubt = doubts.length > 0 ? doubts.join('; ') : undefined;
    this.findings = record.findings;
    this.users = isCounts(record) ? record.users : undefined;
  }

  /** True where the logs or samples are to be asked first, as long as they are there. */
  get givesWay(): boolean {
    return (
      this.doubt !== undefined ||
      this.findings.some(({ effect }) => effect !== 'remark') ||
      (this.users !== undefined && this.users.mode !== 'plain')
    );
  }
}

/** A day that can be taken from its record. */
export interface BookedDay<R extends DayRecord = DayCounts> {
  origin: RecordOrigin;
  record: R;
}

type RecordOf<F extends RecordFamily> = F extends CountFamily ? DayCounts : DayHours;

/** The days of one family that have a valid record, ascending, as the options of today would have them. */
export function bookedDays<F extends RecordFamily>(
  days: readonly RecordedDay[],
  family: F,
  settings: ShapingSettings
): Array<BookedDay<RecordOf<F>>> {
  const booked = days.flatMap(({ family: own, day, valid, refused }) => {
    const span = spanOfDay(day);
    if (own !== family || !valid || !span) {
      return [];
    }
    const { record, header } = valid;
    const newer = refused[0];
    const doubts = [
      differsFrom(record, settings),
      newer && `a newer record, of ${newer.recordedAt}, is not valid: ${newer.reason}`,
    ].filter((doubt) => doubt !== undefined);
    return [{ record: record as RecordOf<F>, origin: new RecordOrigin(day, span, header.recordedAt, record, doubts) }];
  });
  return booked.sort((a, b) => a.origin.span.start - b.origin.span.start);
}

/**
 * The cells of spans, as far as some days have them; they cross no edge of the grid. Cells and what is left cover the spans exactly
 * once. Days must not overlap. Work that can be interrupted after each day.
 */
export function* bookedCells(
  days: readonly BookedDay[],
  spans: readonly Span[],
  grid: Grid,
  table: KeyTable
): Work<RecordedCells> {
  const cells: Cell[] = [];
  const left: Span[] = [];
  for (const { record, origin } of days) {
    const parts = spans.flatMap((span) => clip([span], origin.span)).filter((part) => lengthOf(part) > 0);
    if (parts.length > 0) {
      const numbers = numbersIn(table, record);
      for (const part of parts) {
        const own = recordedCells(record, origin.span, part, grid, numbers);
        cells.push(...own.cells.map((cell) => ({ ...cell, origin })));
        left.push(...own.left);
      }
      yield;
    }
  }
  const booked = days.map(({ origin }) => origin.span);
  return {
    cells: cells.sort((a, b) => a.start - b.start),
    left: [...left, ...spans.flatMap((span) => gapsIn(span, booked))].sort((a, b) => a.start - b.start),
  };
}
