import { lengthOf, type Span } from '../../domain/span';
import { type LearnedLimits } from '../../upstream/learnedLimits';
import { Volumes, volumeStepMs } from './volumes';

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

/** How much of the limit a request aims to use: what it predicts is a mean, and a request that exceeds is read again. */
const targetFill = 0.85;

/** The same where volumes foretell the lines of the very span. */
const foretoldFill = 0.9;

/** Where pieces end that are foretold; divides every offset of a time zone. */
const quarterMs = hourMs / 4;

/** Time of the engine above which the next requests are shorter, and below which they may be longer again. */
const slowMs = 4000;
const quickMs = 1000;

/** Requests do not become shorter than this for being slow: then it is not their length. */
const shortestPaceMs = hourMs / 4;

/** No engine has a lower limit of length; one that claims so is asked in vain. */
const shortestLengthMs = 60_000;

/** What is shorter says nothing about the hour around it. */
const burstMs = 60_000;

/**
 * Lines are read where counts would need a request for less time than this. Below it, lines cost Loki less: it looks at
 * them hour by hour, which counts that span hours are spared (bench/README.md).
 */
const denseMs = 1.5 * hourMs;

/** Lines take two requests a piece and more bytes: they must cover this many times more. */
const worthTimes = 3;

/** Answers that lack lines, after which a Loki's lines are not asked for again; some good answers make up for a bad one. */
const mostUnusable = 3;
const forgivenByUsable = 0.1;

/** How a piece is read: counts that Loki makes, or the lines. */
export type ReadAs = 'counts' | 'lines';

/** The next piece of a span, and how to read it. */
export interface NextPiece {
  end: number;
  readAs: ReadAs;
}

/** Width of the first requests, when nothing is known about the lines yet. */
const firstWidthMs = 6 * hourMs;

/** How fast what was learned gives way to what is seen. */
const learningRate = 0.4;

/**
 * Decides how much time one request may cover. Lines are additive, so it learns their rate by hour of the day; series
 * are not, so it learns how many series a line makes; and it remembers the limits that the engine stated or showed.
 */
export class PieceSizer {
  private readonly linesPerHour: Array<number | undefined> = new Array<number | undefined>(24).fill(undefined);
  private seriesPerLine = 1;
  private linesPerByte: number | undefined;
  /** What the last spans held, older ones for less; only where volumes are known. */
  private seen = { lines: 0, bytes: 0 };
  private unusable = 0;

  /** Longest request that the engine answers in good time, in ms. */
  private paceMs = Infinity;

  constructor(readonly limits: LearnedLimits) {}

  /** What Loki's index tells of the volume of the log; may be filled in while pieces are read. */
  readonly volumes = new Volumes();

  /** True where an answer may hold more of the lines themselves than of their counts, and none was found wanting too often. */
  get mayReadLines(): boolean {
    return this.unusable < mostUnusable && this.limits.maxEntries * this.seriesPerLine > this.limits.maxSeries;
  }

  /** True for logs with so many lines an ms, each of a key of its own, that they are read as lines. */
  areDense(linesPerMs: number): boolean {
    return this.mayReadLines && linesPerMs * denseMs > this.limits.maxSeries;
  }

  /**
   * The next piece from `start`: it ends at a full hour of `nextHour` at best, and at `hardEnd` at the latest. Read as lines
   * only where the caller can.
   */
  next(start: number, hardEnd: number, nextHour: (time: number) => number, canReadLines: boolean): NextPiece {
    // What was learned is no whole number of ms, but Loki's evaluation times must be.
    const longestMs = Math.max(1, Math.floor(Math.min(this.limits.maxLengthMs, this.paceMs)));
    const latest = Math.min(hardEnd, start + longestMs);
    const end = this.endFor(this.limits.maxSeries / this.seriesPerLine, start, latest, nextHour);
    if (canReadLines && this.mayReadLines && end < latest && end - start < denseMs) {
      const endOfLines = this.endFor(this.limits.maxEntries, start, latest, nextHour);
      if (endOfLines - start >= worthTimes * (end - start)) {
        return { end: endOfLines, readAs: 'lines' };
      }
    }
    return { end, readAs: 'counts' };
  }

  /** Where a piece ends that holds at most `limit` lines, as far as can be told, and lasts until `latest` at most. */
  private endFor(limit: number, start: number, latest: number, nextHour: (time: number) => number): number {
    const foretold = this.linesForetold({ start, end: latest });
    if (foretold !== undefined) {
      return this.foretoldEnd(limit * foretoldFill, start, latest, foretold);
    }
    const budget = limit * targetFill;
    let end = start;
    let lines = 0;
    while (end < latest) {
      const next = Math.min(latest, nextHour(end));
      const rate = this.linesPerHour[hourOfDay(end)];
      // Hours that were never seen are taken on trust up to the first width.
      const more = rate === undefined ? (budget * (next - end)) / firstWidthMs : (rate * (next - end)) / hourMs;
      if (lines + more > budget) {
        return end > start
          ? end + Math.floor((next - end) * quarters((budget - lines) / more))
          : start + partOf(next - start, more / budget);
      }
      lines += more;
      end = next;
    }
    return end;
  }

  private linesForetold(span: Span): number | undefined {
    const bytes = this.volumes.bytesIn(span);
    return bytes === undefined || this.linesPerByte === undefined ? undefined : bytes * this.linesPerByte;
  }

  /** Ends a piece so that those up to `latest` are as few as possible, and about equally full. */
  private foretoldEnd(budget: number, start: number, latest: number, foretold: number): number {
    if (foretold <= budget) {
      return latest;
    }
    const share = foretold / Math.ceil(foretold / budget);
    let end = start;
    let lines = 0;
    while (end < latest) {
      const next = Math.min(latest, (Math.floor(end / quarterMs) + 1) * quarterMs);
      const more = this.linesForetold({ start: end, end: next }) ?? 0;
      if (end === start && more > budget) {
        return start + partOf(next - start, more / budget);
      }
      // The last piece takes the rest, however the quarters fall.
      if (end > start && next < latest && lines + more / 2 > share) {
        return end;
      }
      lines += more;
      end = next;
    }
    return end;
  }

  /** What a request brought: the series and lines of a span, and how long the engine took, where it says so. */
  learn(span: Span, series: number, lines: number, engineMs: number | undefined): void {
    this.learnRate(span, lines);
    this.learnDensity(span, lines);
    if (lines > 0) {
      this.seriesPerLine += learningRate * (series / lines - this.seriesPerLine);
      this.seriesPerLine = Math.max(this.seriesPerLine, 0.001);
    }
    if (engineMs !== undefined && engineMs > slowMs) {
      this.learnTooSlow(span);
    } else if (engineMs !== undefined && engineMs < quickMs) {
      this.paceMs *= 1.5;
    }
  }

  private learnRate(span: Span, lines: number): void {
    const hours = lengthOf(span) / hourMs;
    for (const hour of hoursOf(span)) {
      const known = this.linesPerHour[hour];
      const seen = lines / hours;
      if (known !== undefined) {
        // What was expected may be known as "at least" only. What a short span shows says little about an hour.
        const rate = seen > known && lengthOf(span) >= quarterMs ? 1 : learningRate;
        const weight = rate * Math.min(1, hours);
        this.linesPerHour[hour] = known + weight * (seen - known);
      } else if (lengthOf(span) >= burstMs) {
        this.linesPerHour[hour] = seen;
      }
    }
  }

  /**
   * Lines and bytes are summed apart: within a stretch the bytes are not known to be spread as the lines are, so that the
   * ratio of a short span says nothing, but those of all parts of a stretch together say it right.
   */
  private learnDensity(span: Span, lines: number): void {
    const bytes = this.volumes.bytesIn(span);
    if (bytes === undefined) {
      return;
    }
    const kept = (1 - learningRate) ** (lengthOf(span) / volumeStepMs);
    this.seen = { lines: kept * this.seen.lines + lines, bytes: kept * this.seen.bytes + bytes };
    this.linesPerByte = this.seen.bytes > 0 && this.seen.lines > 0 ? this.seen.lines / this.seen.bytes : undefined;
  }

  /** A request over `span` asked for more series than the engine allows. */
  learnTooManySeries(span: Span, limit: number | undefined): void {
    this.limits.maxSeries = Math.min(this.limits.maxSeries, limit ?? Infinity);
    if (lengthOf(span) < burstMs) {
      return;
    }
    const hours = lengthOf(span) / hourMs;
    if (lengthOf(span) >= volumeStepMs) {
      this.learnDensity(span, this.limits.maxSeries / this.seriesPerLine);
    }
    for (const hour of hoursOf(span)) {
      const atLeast = this.limits.maxSeries / this.seriesPerLine / hours;
      this.linesPerHour[hour] = Math.max(this.linesPerHour[hour] ?? 0, atLeast);
    }
  }

  /** A piece was to be read as lines, and holds more of them than an answer may have. */
  learnTooManyLines(span: Span, lines: number): void {
    this.learnRate(span, lines);
    this.learnDensity(span, lines);
  }

  /** The engine lets an answer have fewer lines than were asked for; `limit` as it named it. */
  learnFewerEntries(limit: number | undefined): void {
    const { maxEntries } = this.limits;
    this.limits.maxEntries = Math.min(maxEntries, limit ?? Math.max(1, Math.floor(maxEntries / 2)));
  }

  /** Lines were as many as the engine had counted, or not: fewer, or none came. */
  learnLines(areUsable: boolean): void {
    this.unusable = areUsable ? Math.max(0, this.unusable - forgivenByUsable) : this.unusable + 1;
  }

  /** The engine took too long for `span`, or gave no answer. */
  learnTooSlow(span: Span): void {
    this.paceMs = Math.max(shortestPaceMs, Math.min(this.paceMs, Math.floor((span.end - span.start) / 2)));
  }

  /** The engine refused `span` for its length. `statedMs` is the limit that it named, which is trusted to be its lowest. */
  learnTooLong(span: Span, statedMs?: number): void {
    const half = (span.end - span.start) / 2;
    const lowest = statedMs === undefined ? shortestLengthMs : statedMs / 2;
    const learned = Math.max(lowest, Math.min(half, statedMs ?? Infinity));
    this.limits.maxLengthMs = Math.min(this.limits.maxLengthMs, learned);
  }
}

/** The largest of the half, the quarter, … of `length` that is at least `times` smaller, in whole ms. */
function partOf(length: number, times: number): number {
  return Math.max(1, Math.ceil(length / 2 ** Math.ceil(Math.log2(times))));
}

/** The largest number of quarters that a share holds, as a share. */
function quarters(share: number): number {
  return Math.floor(4 * share) / 4;
}

/** The hours of the day that a span touches. */
function hoursOf({ start, end }: Span): number[] {
  const first = Math.floor(start / hourMs);
  const count = Math.ceil(end / hourMs) - first;
  return Array.from({ length: Math.min(24, count) }, (_, index) => (first + index) % 24);
}

function hourOfDay(time: number): number {
  return Math.floor((time % dayMs) / hourMs);
}
