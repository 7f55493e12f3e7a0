/** What the program's exit codes mean; `docs/command-line.md` lists them. */
export const exitCodes = {
  done: 0,
  /** There is no answer, or it could not be written. */
  failed: 1,
  /** The arguments or the configuration are wrong; nothing was sent. */
  usage: 2,
  /** With `--strict`: the answer was written, but it is not complete. */
  incomplete: 3,
  /** The answer was written, but an upstream that it needs did not answer at all. */
  unreachable: 4,
  /** A day that was counted again is not what its record says. */
  different: 5,
  interrupted: 130,
} as const;

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

/** An error that is told without its stack: what is wrong, and what to change. */
export class ToldError extends Error {
  constructor(
    message: string,
    readonly exitCode: ExitCode = exitCodes.failed
  ) {
    super(message);
    this.name = 'ToldError';
  }
}

/** The arguments or the configuration are wrong. */
export function usageError(message: string): ToldError {
  return new ToldError(message, exitCodes.usage);
}
