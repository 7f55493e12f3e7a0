/** The clock of the page, which stands still unless the test moves it. */
export interface Clock {
  /** Lets so many ms pass. */
  move(ms: number): void;
  /** Gives the real time back. */
  release(): void;
}

/**
 * Holds the time of day (`Date.now`) of this process. How long answers are shared is then not a matter of how fast the
 * machine is; durations and timers stay real.
 */
export function holdClock(): Clock {
  let now = Date.now();
  const held = jest.spyOn(Date, 'now').mockImplementation(() => now);
  return {
    move: (ms) => void (now += ms),
    release: () => held.mockRestore(),
  };
}
