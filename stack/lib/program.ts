import { UserError } from './errors';

/** 128 + the signal's number, as shells report a program that a signal ended. */
const signalExitCodes = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 } as const;
type EndingSignal = keyof typeof signalExitCodes;

/**
 * Runs a command line program to its end and exits. `cleanUp` runs once, whether the program succeeds, fails or is
 * interrupted (Ctrl-C, SIGTERM, SIGHUP); a second interruption exits at once. Exit codes: 0, 1 for a failure, 128 +
 * the signal's number. A `UserError` is printed without its stack.
 */
export function runProgram(main: () => Promise<void>, cleanUp: () => Promise<void> = async () => undefined): void {
  let interrupted = false;
  for (const signal of Object.keys(signalExitCodes) as EndingSignal[]) {
    process.on(signal, () => {
      const code = signalExitCodes[signal];
      if (interrupted) {
        process.exit(code);
      }
      interrupted = true;
      process.stderr.write(`\n${signal}: stopping (again to stop at once)\n`);
      void finish(cleanUp, code);
    });
  }
  main().then(
    () => {
      if (!interrupted) {
        void finish(cleanUp, 0);
      }
    },
    (error: unknown) => {
      // What fails after an interruption fails because of it: that is no news.
      if (!interrupted) {
        process.stderr.write(`${describe(error)}\n`);
        void finish(cleanUp, 1);
      }
    }
  );
}

async function finish(cleanUp: () => Promise<void>, code: number): Promise<void> {
  try {
    await cleanUp();
  } catch (error) {
    process.stderr.write(`${describe(error)}\n`);
    process.exit(code === 0 ? 1 : code);
  }
  process.exit(code);
}

function describe(error: unknown): string {
  if (error instanceof UserError) {
    return `error: ${error.message}`;
  }
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
