import { dayMs, hourMs } from '../domain/duration';
import { lengthOf, type Span } from '../domain/span';
import { type LearnedLimits } from '../upstream/learnedLimits';

/** How much of the limit a split aims to use: what it predicts is a mean, and a request that exceeds is read again. */
const splitFill = 0.85;

/** The same of a query of a batch: one that exceeds costs Loki more than one that is not full (`queriesAhead`). */
const batchFill = 0.82;

/** Time of the engine above which the next queries ask for less, and below which they may ask for more again. */
const slowMs = 4000;
const quickMs = 1000;

/** Queries do not become smaller than this for being slow: then it is not their size. */
const shortestPaceMs = hourMs / 4;
const fewestLines = 100;

/** No engine has a lower limit of length; one that claims so is asked in vain. */
const shortestLengthMs = 60_000;

/** What is shorter says nothing about the hour around it, or little. */
const burstMs = 60_000;
const quarterMs = hourMs / 4;

/**
 * Lines are read where counts would need a request for less time than this. Below it, lines cost Loki less: it looks at
 * them hour by hour, which counts that span hours are spared (bench/README.md).
 */
const denseMs = 1.5 * hourMs;

/** Lines take two requests and more bytes: they must cover this many times more. */
const worthTimes = 3;

/** Answers that lack lines, after which a Loki's lines are not asked for again; some good answers make up for a bad one. */
const mostUnusable = 3;
const forgivenByUsable = 0.1;

/** Batches in a row that could not be read as such, after which no more are tried. */
const mostRefused = 2;

/** Width of the first splits, when nothing is known about the lines yet. */
const firstWidthMs = 6 * hourMs;

/** How fast what was learned gives way to what is seen. */
const learningRate = 0.4;

/**
 * The more time, the fewer different keys for each line: by about this power of its length (Heaps' law). The traffic of this
 * project's tests has -0.15 to -0.35 between 1 and 15 days. Of these, the one that overestimates the keys is used.
 */
const exponents = { longer: -0.15, shorter: -0.3 };

/** How many more keys than those of others are expected of streams about which nothing is known. */
const caution = 1.6;

/** How a split is read: counts that Loki makes, or the lines. */
export type ReadAs = 'counts' | 'lines';

/** The next split of a span, and how to read it. */
export interface NextSplit {
  end: number;
  readAs: ReadAs;
}

/** How many different keys the lines of some streams had for each line, within a time. */
interface Cardinality {
  linesPerDay: number;
  keysPerLine: number;
  lengthMs: number;
}

/** How much a query may be about for the engine to answer in good time: of whatever it takes time for. */
class Pace {
  most = Infinity;

  constructor(private readonly least: number) {}

  /** An answer about `size` came after `engineMs` of the engine, where it says so. */
  learn(size: number, engineMs: number | undefined): void {
    if (engineMs !== undefined && engineMs > slowMs) {
      this.learnTooSlow(size);
    } else if (engineMs !== undefined && engineMs < quickMs) {
      this.most *= 1.5;
    }
  }

  learnTooSlow(size: number): void {
    if (size > 0) {
      this.most = Math.max(this.least, Math.min(this.most, size / 2));
    }
  }
}

/**
 * Estimates how much one query may be about, from what earlier ones brought: `limits` that the engine stated or showed, how dense the
 * lines are, the different keys that they make, and the engine's pace.
 *
 * A split is of all streams, and its lines are not known beforehand. The lines of a query of a batch are counted beforehand, by the streams that
 * it is about, which `value` names.
 */
export class Estimate {
  /** Lines an ms where was read last, or counted; undefined before. */
  linesPerMs: number | undefined;
  /** True when the lines of the last batch were few enough for their keys to be counted. */
  isSparse = false;

  /** By the start of the hour. */
  private readonly countedPerMs = new Map<number, number>();
  private keysPerLine = 1;
  private readonly cardinalities = new Map<string | undefined, Cardinality>();
  /** In ms. */
  private readonly paceOfSplits = new Pace(shortestPaceMs);
  /** In lines. */
  private readonly paceOfBatches = new Pace(fewestLines);
  private unusable = 0;
  private refused = 0;

  constructor(readonly limits: LearnedLimits) {}

  /** The longest time that a query about lines that are not counted by windows may be about: a whole number of ms, as Loki's times. */
  get longestMs(): number {
    return Math.max(1, Math.floor(Math.min(this.limits.maxLengthMs, this.paceOfSplits.most)));
  }

  /** False where the engine, or the way to it, does not let queries about several windows through. */
  get mayBatch(): boolean {
    return this.refused < mostRefused;
  }

  /** True where an answer may hold more of the lines themselves than of their counts, and none was found wanting too often. */
  get mayReadLines(): boolean {
    return this.unusable < mostUnusable && this.limits.maxEntries * this.keysPerLine > this.limits.maxSeries;
  }

  /** True for logs with so many lines an ms, each of a key of its own, that they are read as lines. */
  areDense(linesPerMs: number): boolean {
    return this.mayReadLines && linesPerMs * denseMs > this.limits.maxSeries;
  }

  /**
   * The next split from `start`: it ends at a full hour of `nextHour` at best, and at `hardEnd` at the latest. Read as lines
   * only where the caller can.
   */
  nextSplit(start: number, hardEnd: number, nextHour: (time: number) => number, canReadLines: boolean): NextSplit {
    const latest = Math.min(hardEnd, start + this.longestMs);
    const end = this.endFor(this.limits.maxSeries / this.keysPerLine, start, latest, nextHour);
    if (canReadLines && this.mayReadLines && end < latest && end - start < denseMs) {
      const endOfLines = this.endFor(this.limits.maxEntries, start, latest, nextHour);
      if (endOfLines - start >= worthTimes * (end - start)) {
        return { end: endOfLines, readAs: 'lines' };
      }
    }
    return { end, readAs: 'counts' };
  }

  /** Where a split ends that holds at most `limit` lines, as far as can be told, and lasts until `latest` at most. */
  private endFor(limit: number, start: number, latest: number, nextHour: (time: number) => number): number {
    const budget = limit * splitFill;
    let end = start;
    let lines = 0;
    while (end < latest) {
      const hourEnd = nextHour(end);
      const next = Math.min(latest, hourEnd);
      const perMs = this.countedPerMs.get(hourEnd - hourMs) ?? this.linesPerMs ?? budget / firstWidthMs;
      const share = (budget - lines) / (perMs * (next - end));
      if (share < 1) {
        // A quarter, a half or three of them; of the first hour also an eighth, a sixteenth, …
        const part = share < 1 / 4 && end === start ? 2 ** Math.floor(Math.log2(share)) : Math.floor(4 * share) / 4;
        return Math.max(start + 1, end + Math.floor((next - end) * part));
      }
      lines += perMs * (next - end);
      end = next;
    }
    return end;
  }

  /** So many lines were counted in an hour; `start` is a full hour of the grid. Only a hint, but a better one than any rate. */
  learnHour(start: number, lines: number): void {
    this.countedPerMs.set(start, lines / hourMs);
  }

  /** What a split brought: the series and lines of a span, and how long the engine took, where it says so. */
  learnSplit(span: Span, series: number, lines: number, engineMs: number | undefined): void {
    this.learnRate(span, lines);
    if (lines > 0) {
      this.keysPerLine = Math.max(0.001, this.keysPerLine + learningRate * (series / lines - this.keysPerLine));
    }
    this.paceOfSplits.learn(lengthOf(span), engineMs);
  }

  /** So many lines were counted in a split. */
  learnRate(span: Span, lines: number): void {
    const length = lengthOf(span);
    const seen = lines / length;
    if (length < burstMs) {
      return;
    }
    const known = this.linesPerMs ?? seen;
    // What was expected may be known as "at least" only. What a short span shows says little about an hour.
    const weight = seen > known && length >= quarterMs ? 1 : 1 - (1 - learningRate) ** (length / hourMs);
    this.linesPerMs = known + weight * (seen - known);
  }

  /** A split over `span` has more series than the engine allows; `limit` as it named it. */
  learnTooManySeries(span: Span, limit: number | undefined): void {
    this.lowerSeries(limit);
    if (lengthOf(span) >= burstMs) {
      const atLeast = this.limits.maxSeries / this.keysPerLine / lengthOf(span);
      this.linesPerMs = Math.max(this.linesPerMs ?? 0, atLeast);
    }
  }

  /** The engine took too long for a split over `span`, or gave no answer. */
  learnTooSlow(span: Span): void {
    this.paceOfSplits.learnTooSlow(lengthOf(span));
  }

  /** The engine refused `span` for its length. `statedMs` is the limit that it named, which is trusted to be its lowest. */
  learnTooLong(span: Span, statedMs?: number): void {
    const lowest = statedMs === undefined ? shortestLengthMs : statedMs / 2;
    const learned = Math.max(lowest, Math.min(lengthOf(span) / 2, statedMs ?? Infinity));
    this.limits.maxLengthMs = Math.min(this.limits.maxLengthMs, learned);
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

  /** What is known of the keys of batches depends on nothing but the reading that begins. */
  forgetKeys(): void {
    this.cardinalities.clear();
  }

  /** True when the first answer about a part of a batch has come. */
  get knowsKeys(): boolean {
    return this.cardinalities.size > 0;
  }

  /** How much of its limits a query about some lines of a batch would use; 1 is all that it aims at. */
  shareOfLimit(value: string | undefined, lines: number, lengthMs: number): number {
    if (lines === 0) {
      return 0;
    }
    // The proof of the query is a series, too.
    const mostKeys = Math.max(1, Math.floor(this.limits.maxSeries * batchFill) - 1);
    const keys = lines * this.keysPerLineOf(value, (lines / lengthMs) * dayMs, lengthMs);
    return Math.max(keys / mostKeys, lines / this.paceOfBatches.most);
  }

  /** Where nothing is known of streams, it is guessed from others: each line before there are any. */
  private keysPerLineOf(value: string | undefined, linesPerDay: number, lengthMs: number): number {
    const known = this.cardinalities.get(value);
    if (known) {
      return Math.min(1, expected(known, lengthMs));
    }
    const all = [...this.cardinalities.values()];
    const fewer = all.filter((other) => other.linesPerDay <= linesPerDay);
    if (fewer.length > 0) {
      return Math.min(1, caution * Math.max(...fewer.map((other) => expected(other, lengthMs))));
    }
    // The fewer lines, the more various.
    const guesses = all.map((other) => expected(other, lengthMs) * Math.sqrt(other.linesPerDay / linesPerDay));
    return Math.min(1, ...guesses.map((guess) => caution * guess));
  }

  /** An answer about a part of a batch, with the lines of each of its values: its keys, of how much time, and how long the engine took. */
  learnBatchQuery(
    linesByValue: ReadonlyMap<string | undefined, number>,
    keys: number,
    lengthMs: number,
    engineMs: number | undefined
  ): void {
    const lines = totalOf(linesByValue);
    if (lines > 0) {
      linesByValue.forEach((own, value) =>
        this.cardinalities.set(value, { linesPerDay: (own / lengthMs) * dayMs, keysPerLine: keys / lines, lengthMs })
      );
    }
    this.paceOfBatches.learn(lines, engineMs);
  }

  /** A query of a batch has more keys than the engine allows; `limit` as it named it. */
  learnTooManyKeys(values: Iterable<string | undefined>, limit: number | undefined): void {
    this.lowerSeries(limit);
    for (const value of values) {
      const known = this.cardinalities.get(value);
      if (known) {
        known.keysPerLine *= 1.3;
      }
    }
  }

  /** The engine took too long for a query of a batch with so many lines. */
  learnTooManyLines(lines: number): void {
    this.paceOfBatches.learnTooSlow(lines);
  }

  /** A batch could be read as such, or not. */
  learnBatch(wasRead: boolean): void {
    this.refused = wasRead ? 0 : this.refused + 1;
  }

  private lowerSeries(limit = Infinity): void {
    this.limits.maxSeries = Math.min(this.limits.maxSeries, limit);
  }
}

export function totalOf(linesByValue: ReadonlyMap<string | undefined, number>): number {
  return [...linesByValue.values()].reduce((sum, own) => sum + own, 0);
}

function expected({ keysPerLine, lengthMs }: Cardinality, ofMs: number): number {
  return keysPerLine * (ofMs / lengthMs) ** (ofMs > lengthMs ? exponents.longer : exponents.shorter);
}
