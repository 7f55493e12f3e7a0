/** Something that is kept and can be read again. */
export interface MemoryUser {
  /** Estimated. */
  readonly bytes: number;
  /** True of one that holds what others hold, too: it gives way before them. */
  readonly givesWayFirst?: boolean;
  /** Drops what was used least recently until so many bytes are left, as far as it can. */
  shrinkTo(bytes: number): void;
}

/** One budget for everything that a data source keeps. Where it is not enough, copies give way, then the largest user. */
export class MemoryBudget {
  private users: MemoryUser[] = [];

  constructor(private readonly totalBytes: number) {}

  join(user: MemoryUser): void {
    this.users.push(user);
  }

  /** For a user whose memory nobody can reach any more. */
  leave(user: MemoryUser): void {
    this.users = this.users.filter((other) => other !== user);
  }

  /** To be called when a user has grown. */
  settle(): void {
    let excess = this.users.reduce((sum, { bytes }) => sum + bytes, 0) - this.totalBytes;
    if (excess <= 0) {
      return;
    }
    for (const user of [...this.users].sort((a, b) => rankOf(b) - rankOf(a))) {
      const before = user.bytes;
      user.shrinkTo(Math.max(0, before - excess));
      excess -= before - user.bytes;
      if (excess <= 0) {
        return;
      }
    }
  }
}

function rankOf({ givesWayFirst, bytes }: MemoryUser): number {
  return givesWayFirst ? Infinity : bytes;
}
