import { quarterHourMs } from '../domain/duration';
import { clip, gapsIn, type Span, unionOf } from '../domain/span';
import { type GpuKind, type UsageWindow } from '../hours/view';
import { type DayHours, lostQuarters } from './dayRecord';
import { type BookedDay, type RecordOrigin } from './recordBook';
import { recordedHours } from './recordedCells';

/** What records give of some windows. */
export interface BookedHours {
  windows: UsageWindow[];
  /** Both kinds of GPU hours in these windows; absent where a record lacks one. */
  gpu?: Record<GpuKind, UsageWindow[]>;
  /** Where the hours come from. */
  parts: Array<Span & { origin: RecordOrigin }>;
  /** What is left of the windows, joined where it is adjacent. */
  left: Span[];
}

/**
 * Hours of windows (adjacent or not, in order of time), as far as some days have them: whole quarter hours. A window that they have as a
 * whole is one window, of another one their part. Windows and what is left cover the same time.
 */
export function bookedHours(days: ReadonlyArray<BookedDay<DayHours>>, windows: readonly Span[]): BookedHours {
  const known = days.map((day) => ({ ...day, spans: knownSpans(day) }));
  const booked: BookedHours = { windows: [], parts: [], left: [] };
  const gpu: Record<GpuKind, UsageWindow[]> = { active: [], allocated: [] };
  let hasKinds = true;
  for (const window of windows) {
    const inside = wholeQuarters(window);
    const pieces = known.flatMap(({ record, origin, spans }) =>
      clip(spans, inside).map((span) => ({ span, record, origin }))
    );
    const covered = pieces.map(({ span }) => span);
    for (const part of unionOf(covered)) {
      const own = pieces.filter(({ span }) => span.start < part.end && span.end > part.start);
      const sum = (kind?: GpuKind): UsageWindow => ({
        ...part,
        hours: sumOf(own.map(({ record, origin, span }) => recordedHours(record, origin.span, span, kind))),
      });
      booked.windows.push(sum());
      booked.parts.push(...own.map(({ span, origin }) => ({ ...span, origin })));
      gpu.active.push(sum('active'));
      gpu.allocated.push(sum('allocated'));
      hasKinds &&= own.every(({ record }) => record.tables.active !== undefined);
    }
    booked.left.push(...gapsIn(window, covered));
  }
  return { ...booked, left: unionOf(booked.left), ...(hasKinds && { gpu }) };
}

/** The quarter hours of a day that its record knows. */
function knownSpans({ record, origin: { span } }: BookedDay<DayHours>): Span[] {
  const lost = lostQuarters(span, record.findings).flatMap((isLost, index) =>
    isLost ? [{ start: span.start + index * quarterHourMs, end: span.start + (index + 1) * quarterHourMs }] : []
  );
  return gapsIn(span, lost);
}

function wholeQuarters({ start, end }: Span): Span {
  return {
    start: Math.ceil(start / quarterHourMs) * quarterHourMs,
    end: Math.floor(end / quarterHourMs) * quarterHourMs,
  };
}

function sumOf(parts: ReadonlyArray<ReadonlyMap<string, number>>): ReadonlyMap<string, number> {
  const sums = new Map<string, number>();
  for (const part of parts) {
    for (const [service, hours] of part) {
      sums.set(service, (sums.get(service) ?? 0) + hours);
    }
  }
  return sums;
}
