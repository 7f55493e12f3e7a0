import { type MemoryBudget, type MemoryUser } from '../../runtime/memoryBudget';

/** Memory of an entry, about. */
const entryBytes = 100;

/** What is kept has a size, in entries of about a hundred bytes. */
export interface Stored {
  size: number;
}

/** Keeps values by key; when there are too many entries, the least recently used are dropped first. */
export class LruStore<T extends Stored> implements MemoryUser {
  /** In order of use, the least recently used first. */
  private readonly windows = new Map<string, T>();
  private entries = 0;

  /** @param memory what it is part of; without one, only its own entries are limited */
  constructor(
    private readonly maxEntries: number,
    private readonly memory?: MemoryBudget
  ) {
    memory?.join(this);
  }

  get bytes(): number {
    return this.entries * entryBytes;
  }

  shrinkTo(bytes: number): void {
    this.dropOldest(Math.floor(bytes / entryBytes));
  }

  get(key: string): T | undefined {
    const found = this.windows.get(key);
    if (found) {
      this.windows.delete(key);
      this.windows.set(key, found);
    }
    return found;
  }

  set(key: string, window: T): void {
    this.delete(key);
    this.windows.set(key, window);
    this.entries += window.size;
    this.dropOldest(this.maxEntries);
    this.memory?.settle();
  }

  clear(): void {
    this.windows.clear();
    this.entries = 0;
  }

  private dropOldest(maxEntries: number): void {
    for (const oldest of this.windows.keys()) {
      if (this.entries <= maxEntries) {
        break;
      }
      this.delete(oldest);
    }
  }

  private delete(key: string): void {
    this.entries -= this.windows.get(key)?.size ?? 0;
    this.windows.delete(key);
  }
}
