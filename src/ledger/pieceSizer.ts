import { type Span } from '../domain/span';
import { type LearnedLimits } from '../upstream/learnedLimits';

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

/** How much of the limit a request aims to use: what it predicts is a mean, and a request that exceeds is read again. */
const targetFill = 0.85;

/** Time of the engine that a request aims at, and that makes the next ones shorter when exceeded. */
const aimedDurationMs = 4000;

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

  constructor(private readonly limits: LearnedLimits) {}

  /** Ends of full hours after `start` where a request should end at best; `hardEnd` at the latest. */
  nextEnd(start: number, hardEnd: number, nextHour: (time: number) => number): number {
    const latest = Math.min(hardEnd, start + this.limits.maxLengthMs);
    const budget = (this.limits.maxSeries * targetFill) / this.seriesPerLine;
    let end = start;
    let lines = 0;
    while (end < latest) {
      const next = Math.min(latest, nextHour(end));
      const rate = this.linesPerHour[hourOfDay(end)];
      // Hours that were never seen are taken on trust up to the first width.
      lines += rate === undefined ? (budget * (next - end)) / firstWidthMs : (rate * (next - end)) / hourMs;
      if (lines > budget) {
        return end > start ? end : start + partOf(next - start, lines / budget);
      }
      end = next;
    }
    return end;
  }

  /** What a request brought: the series and lines of a span, and how long the engine took. */
  learn(span: Span, series: number, lines: number, durationMs: number): void {
    const hours = (span.end - span.start) / hourMs;
    for (let time = span.start; time < span.end; time += hourMs) {
      const hour = hourOfDay(time);
      const known = this.linesPerHour[hour];
      const seen = lines / hours;
      this.linesPerHour[hour] = known === undefined ? seen : known + learningRate * (seen - known);
    }
    if (lines > 0) {
      this.seriesPerLine += learningRate * (series / lines - this.seriesPerLine);
      this.seriesPerLine = Math.max(this.seriesPerLine, 0.001);
    }
    if (durationMs > aimedDurationMs) {
      this.learnTooLong(span);
    }
  }

  /** A request over `span` asked for more series than the engine allows. */
  learnTooManySeries(span: Span, limit: number | undefined): void {
    this.limits.maxSeries = Math.min(this.limits.maxSeries, limit ?? Infinity);
    const hours = (span.end - span.start) / hourMs;
    for (let time = span.start; time < span.end; time += hourMs) {
      const hour = hourOfDay(time);
      const atLeast = this.limits.maxSeries / this.seriesPerLine / hours;
      this.linesPerHour[hour] = Math.max(this.linesPerHour[hour] ?? 0, atLeast);
    }
  }

  /** A request over `span` was too long or took too long. */
  learnTooLong(span: Span): void {
    this.limits.maxLengthMs = Math.max(1, Math.min(this.limits.maxLengthMs, Math.floor((span.end - span.start) / 2)));
  }
}

/** The largest of the half, the quarter, … of `length` that is at least `times` smaller, in whole ms. */
function partOf(length: number, times: number): number {
  return Math.max(1, Math.ceil(length / 2 ** Math.ceil(Math.log2(times))));
}

function hourOfDay(time: number): number {
  return Math.floor((time % dayMs) / hourMs);
}
