import { minuteMs } from '../domain/duration';
import { gapsIn, type Span } from '../domain/span';
import { type LokiEvidence } from '../evidence/lokiEvidence';
import { type PrometheusEvidence } from '../evidence/prometheusEvidence';
import { type Inventory } from '../hours/inventory';
import { type UsageView } from '../hours/view';
import { type RecordedDay } from '../records/readRecords';
import { cellBytes } from '../requests/cell';
import { type LedgerView } from '../requests/ledger';
import { type SeenView } from '../requests/seenTimes';
import { type MemoryBudget, type MemoryUser } from '../runtime/memoryBudget';
import { isRecent, Sharing } from '../upstream/sharing';

/** A round ends at the latest after this time: what it shows may still change. */
const maxAgeMs = 5 * minuteMs;

/** Ranges of which a round is kept: each refresh of a range that moves with the clock makes another one. */
const maxRounds = 4;

/** What reports count from a view lives as long as the view, and is about twice as large. */
const bytesPerByte = 3;

/** What a round is about. */
export interface RoundQuestion {
  range: Span;
  /** Read everything again: nothing is shared but what the panels of one refresh ask at about the same time. */
  readAgain: boolean;
}

/**
 * What was answered about one range since a dashboard was opened or refreshed. Whoever asks later about the same range, such
 * as a panel that is scrolled into view, gets the same answers (specs/decisions/0019). The keys of the answers name what shapes
 * them beside range and time.
 */
export class Round {
  readonly views: Sharing<LedgerView>;
  readonly seen: Sharing<SeenView>;
  readonly lokiEvidence: Sharing<LokiEvidence>;
  readonly usage: Sharing<UsageView>;
  readonly prometheusEvidence: Sharing<PrometheusEvidence>;
  readonly inventory: Sharing<Inventory>;
  /** By family. */
  readonly records: Sharing<RecordedDay[]>;

  /** Estimated. */
  bytes = 0;

  private readonly answered = new Set<string>();

  /**
   * @param askedAt the time of all its answers, in ms since the epoch
   * @param grown called when it holds more
   */
  constructor(
    readonly askedAt: number,
    { readAgain }: RoundQuestion,
    now: () => number,
    grown: () => void
  ) {
    const sharing = <T>(isWhole: (answer: T) => boolean, bytesOf: (answer: T) => number = () => 0) =>
      new Sharing<T>(
        now,
        readAgain
          ? undefined
          : {
              isWhole,
              onKept: (answer) => {
                this.bytes += bytesOf(answer);
                grown();
              },
            }
      );
    this.views = sharing(({ missing }) => missing.length === 0, bytesOfView);
    this.seen = sharing(({ problems }) => problems.length === 0);
    this.lokiEvidence = sharing(isWholeEvidence);
    this.usage = sharing(isWholeUsage);
    this.prometheusEvidence = sharing(() => true);
    this.inventory = sharing(({ failed }) => !failed);
    this.records = sharing(() => true);
  }

  /** False when an asker has its answer: who asks again wants to know what is new. */
  admits(asker: string, askedAt: number): boolean {
    return this.isOpen(askedAt) && !this.answered.has(asker);
  }

  /** To be called when an asker gets its answer. */
  hasAnswered(asker: string): void {
    this.answered.add(asker);
  }

  isOpen(askedAt: number): boolean {
    return isRecent(this.askedAt, askedAt, maxAgeMs);
  }
}

/** The latest round of each of some ranges. */
export class Rounds implements MemoryUser {
  readonly givesWayFirst = true;

  /** In order of their beginning, the earliest first. */
  private readonly rounds = new Map<string, Round>();

  /** `now` in ms since the epoch. */
  constructor(
    private readonly now: () => number,
    private readonly memory?: MemoryBudget
  ) {
    memory?.join(this);
  }

  get bytes(): number {
    return [...this.rounds.values()].reduce((sum, { bytes }) => sum + bytes, 0);
  }

  shrinkTo(bytes: number): void {
    for (const key of [...this.rounds.keys()]) {
      if (this.bytes <= bytes) {
        return;
      }
      this.rounds.delete(key);
    }
  }

  /** Ends all rounds: nobody who asks from now on finds their answers. */
  clear(): void {
    this.rounds.clear();
  }

  /** The round of somebody who asks at a time, in ms since the epoch: a new one where the last one does not admit them. */
  join(question: RoundQuestion, asker: string, askedAt: number): Round {
    const known = this.rounds.get(keyOf(question));
    return known?.admits(asker, askedAt) ? known : this.begin(question, askedAt);
  }

  /** The round in which somebody will ask soon. */
  current(question: RoundQuestion, askedAt: number): Round {
    const known = this.rounds.get(keyOf(question));
    return known?.isOpen(askedAt) ? known : this.begin(question, askedAt);
  }

  private begin(question: RoundQuestion, askedAt: number): Round {
    const round = new Round(askedAt, question, this.now, () => this.memory?.settle());
    const key = keyOf(question);
    this.rounds.delete(key);
    if (question.readAgain) {
      // What is read again is newer than what others were shown.
      this.rounds.delete(keyOf({ ...question, readAgain: false }));
    }
    this.rounds.set(key, round);
    for (const [other, { askedAt: begun }] of this.rounds) {
      if (this.rounds.size > maxRounds || !isRecent(begun, askedAt, maxAgeMs)) {
        this.rounds.delete(other);
      }
    }
    return round;
  }
}

function keyOf({ range, readAgain }: RoundQuestion): string {
  return JSON.stringify([range.start, range.end, readAgain]);
}

function bytesOfView({ cells }: LedgerView): number {
  return bytesPerByte * cells.reduce((sum, cell) => sum + cellBytes(cell), 0);
}

function isWholeEvidence({ failure, forgery }: LokiEvidence): boolean {
  return failure === undefined && !(forgery && 'failure' in forgery);
}

/** False when windows could not be read, which are missing and not among those of the view, or the engine called its answer partial. */
function isWholeUsage({ windows, missing, warnings }: UsageView): boolean {
  return warnings.length === 0 && missing.every((gap) => gapsIn(gap, windows).length === 0);
}
