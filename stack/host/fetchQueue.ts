/** Gives the place in the queue back: drops what still waits, or frees the slot of what runs. Harmless when repeated. */
export type Release = () => void;

type Kind = 'data' | 'api';

interface Entry {
  start: () => void;
}

/**
 * The page's request queue: data requests wait, first in, first out, until fewer than `limit` requests run; requests to
 * Grafana's own API never wait but take up room, as in Grafana's front end.
 */
export class FetchQueue {
  private readonly waiting: Entry[] = [];
  private running = 0;

  constructor(private readonly limit: number) {
    if (!Number.isInteger(limit) || limit < 1) {
      throw new Error(`The number of parallel requests must be a whole number of at least 1, not ${limit}.`);
    }
  }

  /** Calls `start` at once when there is room, else later. `start` is never called after the release. */
  enqueue(kind: Kind, start: () => void): Release {
    const entry: Entry = { start };
    let state: 'waiting' | 'running' | 'released' = 'waiting';
    entry.start = () => {
      state = 'running';
      this.running++;
      start();
    };

    if (kind === 'api') {
      entry.start();
    } else {
      this.waiting.push(entry);
      this.drain();
    }

    return () => {
      if (state === 'waiting') {
        this.waiting.splice(this.waiting.indexOf(entry), 1);
      } else if (state === 'running') {
        this.running--;
        this.drain();
      }
      state = 'released';
    };
  }

  private drain(): void {
    while (this.running < this.limit) {
      const next = this.waiting.shift();
      if (!next) {
        return;
      }
      next.start();
    }
  }
}
