import process from 'node:process';

import { exitCodes } from './exit';
import { run } from './program';

const interruption = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => {
    // Who interrupts twice does not want to wait.
    if (interruption.signal.aborted) {
      process.exit(exitCodes.interrupted);
    }
    interruption.abort();
  });
}
// A reader such as `head` may close the pipe before the end.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  process.exit(error.code === 'EPIPE' ? exitCodes.done : exitCodes.failed);
});

void run(process.argv.slice(2), {
  stdout: process.stdout,
  stderr: process.stderr,
  environment: process.env,
  now: () => Date.now(),
  signal: interruption.signal,
}).then((code) => {
  // What was written leaves first. Nothing else is waited for: the core keeps answers for a while that nobody asks for again.
  process.stdout.write('', () => process.stderr.write('', () => process.exit(code)));
});
