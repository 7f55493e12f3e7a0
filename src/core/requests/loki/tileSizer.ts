import { type LearnedLimits } from '../../upstream/learnedLimits';

const dayMs = 86_400_000;

/** How much of the limit a query aims to use: one that exceeds it costs Loki more than one that is not full (`mostAtOnce`). */
const targetFill = 0.82;

/**
 * The more time, the fewer different keys for each line: by about this power of its length (Heaps' law). The traffic of this
 * project's tests has -0.15 to -0.35 between 1 and 15 days. Each direction has the end of it that expects more keys.
 */
const exponents = { longer: -0.15, shorter: -0.3 };

/** How many more keys than those of others are expected of streams about which nothing is known. */
const caution = 1.6;

/** Time of the engine above which the next queries ask for less, and below which they may ask for more again. */
const slowMs = 4000;
const quickMs = 1000;

/** Lines that a query is always about, however slow: then it is not they that take the time. */
const fewestLines = 100;

/** Blocks in a row that could not be read in tiles, after which no more are tried. */
const mostRefused = 2;

/** How many different keys the lines of some streams had for each line, within a time. */
interface Variety {
  linesPerDay: number;
  keysPerLine: number;
  lengthMs: number;
}

/**
 * Decides how many lines one query about a tile may be about. Lines are counted beforehand; keys are not, so it learns by the
 * streams how many different ones their lines make.
 */
export class TileSizer {
  private readonly varieties = new Map<string | undefined, Variety>();
  /** Lines of the last block, unless it was too dense for tiles. */
  linesPerMs: number | undefined;
  private mostLines = Infinity;
  private refused = 0;

  constructor(private readonly limits: LearnedLimits) {}

  /** False where the engine, or the way to it, does not let such queries through. */
  get mayAsk(): boolean {
    return this.refused < mostRefused;
  }

  /** How much of its limits a query would use; 1 is all that it aims at. `value` names the streams. */
  fillOf(value: string | undefined, lines: number, lengthMs: number): number {
    if (lines === 0) {
      return 0;
    }
    // The proof of the query is a series, too.
    const mostKeys = Math.max(1, Math.floor(this.limits.maxSeries * targetFill) - 1);
    return Math.max((lines * this.keysPerLine(value, lines, lengthMs)) / mostKeys, lines / this.mostLines);
  }

  /** True when the first answer has come. */
  get hasLearned(): boolean {
    return this.varieties.size > 0;
  }

  /** Where nothing is known of streams, it is guessed from others: each line before there are any. */
  private keysPerLine(value: string | undefined, lines: number, lengthMs: number): number {
    const known = this.varieties.get(value);
    if (known) {
      return Math.min(1, expected(known, lengthMs));
    }
    const linesPerDay = (lines / lengthMs) * dayMs;
    const all = [...this.varieties.values()];
    const fewer = all.filter((variety) => variety.linesPerDay <= linesPerDay);
    if (fewer.length > 0) {
      return Math.min(1, caution * Math.max(...fewer.map((variety) => expected(variety, lengthMs))));
    }
    // The fewer lines, the more various.
    const guesses = all.map(
      (variety) => caution * expected(variety, lengthMs) * Math.sqrt(variety.linesPerDay / linesPerDay)
    );
    return Math.min(1, ...guesses);
  }

  /** An answer about streams, with the lines of each: its keys, of how much time, and how long the engine took, where it says so. */
  learn(
    linesByValue: ReadonlyMap<string | undefined, number>,
    keys: number,
    lengthMs: number,
    engineMs: number | undefined
  ): void {
    const lines = [...linesByValue.values()].reduce((sum, own) => sum + own, 0);
    if (lines > 0) {
      linesByValue.forEach((own, value) =>
        this.varieties.set(value, { linesPerDay: (own / lengthMs) * dayMs, keysPerLine: keys / lines, lengthMs })
      );
    }
    if (engineMs !== undefined && engineMs > slowMs) {
      this.learnTooSlow(lines);
    } else if (engineMs !== undefined && engineMs < quickMs) {
      this.mostLines *= 1.5;
    }
  }

  /** There were more keys than the engine allows. */
  learnTooMany(values: Iterable<string | undefined>, limit: number | undefined): void {
    this.limits.maxSeries = Math.min(this.limits.maxSeries, limit ?? Infinity);
    for (const value of values) {
      const known = this.varieties.get(value);
      if (known) {
        known.keysPerLine *= 1.3;
      }
    }
  }

  /** The engine took too long for so many lines. */
  learnTooSlow(lines: number): void {
    if (lines > 0) {
      this.mostLines = Math.max(fewestLines, Math.min(this.mostLines, lines) / 2);
    }
  }

  /** A block could be read in tiles, or not. */
  learnBlock(wasRead: boolean): void {
    this.refused = wasRead ? 0 : this.refused + 1;
  }
}

function expected({ keysPerLine, lengthMs }: Variety, ofMs: number): number {
  return keysPerLine * (ofMs / lengthMs) ** (ofMs > lengthMs ? exponents.longer : exponents.shorter);
}
