import { finalize, type Observable, shareReplay, tap, timer } from 'rxjs';

/** How long an answer serves others: the panels of one refresh do not start at the same instant. */
export const sharedForMs = 2000;

/** False also for a time that lies ahead, because the clock was set back. The times are in ms since the epoch. */
export function isRecent(finishedAt: number, now: number, forMs = sharedForMs): boolean {
  return Math.abs(now - finishedAt) <= forMs;
}

/** Which answers serve others for longer than a moment. */
export interface Keeping<T> {
  /** How long, in ms; absent: as long as they are in reach. */
  forMs?: number;
  /** False for an answer that lacks something, and is asked for again. */
  isWhole: (answer: T) => boolean;
  /** Called once for each answer that is kept. */
  onKept?: (answer: T) => void;
}

interface Shared<T> {
  answer: Observable<T>;
  /** ms since the epoch; undefined while it is under way. */
  finishedAt?: number;
  isKept?: boolean;
}

/**
 * One and the same answer for all who ask the same at about the same time. The last one who loses interest cancels
 * what is under way. Failures are not kept.
 */
export class Sharing<T> {
  private readonly shared = new Map<string, Shared<T>>();

  /** @param keeping absent where all answers serve for a moment only */
  constructor(
    private readonly now: () => number,
    private readonly keeping?: Keeping<T>
  ) {}

  /** `key` names everything that shapes the answer; `ask` is called when nobody else asks. */
  get(key: string, ask: () => Observable<T>): Observable<T> {
    const now = this.now();
    for (const [other, { finishedAt, isKept }] of this.shared) {
      const forMs = isKept ? (this.keeping?.forMs ?? Infinity) : sharedForMs;
      if (finishedAt !== undefined && !isRecent(finishedAt, now, forMs)) {
        this.shared.delete(other);
      }
    }
    const known = this.shared.get(key);
    if (known) {
      return known.answer;
    }
    let last: { answer: T } | undefined;
    const entry: Shared<T> = {
      answer: ask().pipe(
        tap({ next: (answer) => (last = { answer }), complete: () => this.finish(key, entry, last) }),
        finalize(() => {
          if (entry.finishedAt === undefined && this.shared.get(key) === entry) {
            this.shared.delete(key);
          }
        }),
        shareReplay({ bufferSize: 1, refCount: true })
      ),
    };
    this.shared.set(key, entry);
    return entry.answer;
  }

  /** Forgets one answer. */
  forget(key: string): void {
    this.shared.delete(key);
  }

  /** Forgets all answers; what is under way goes to those who wait for it, and to nobody else. */
  clear(): void {
    this.shared.clear();
  }

  /** An answer that serves nobody any more is not kept, also where nobody asks again. */
  private finish(key: string, entry: Shared<T>, last: { answer: T } | undefined): void {
    const finishedAt = this.now();
    entry.finishedAt = finishedAt;
    if (last && this.keeping?.isWhole(last.answer)) {
      entry.isKept = true;
      this.keeping.onKept?.(last.answer);
      return;
    }
    timer(sharedForMs + 1).subscribe(() => {
      if (this.shared.get(key) === entry && !isRecent(finishedAt, this.now())) {
        this.shared.delete(key);
      }
    });
  }
}
