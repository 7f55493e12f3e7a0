// npm run oscar-usage: runs the command line of this checkout where it was called from, and sets up what it needs first.
import { spawn } from 'node:child_process';

import { ensureCommandLine, ensureDependencies } from './setup.mjs';

await ensureDependencies();
const file = await ensureCommandLine();

const child = spawn(process.execPath, [file, ...process.argv.slice(2)], {
  // npm runs scripts in the root of the repository; paths are those of the caller.
  cwd: process.env.INIT_CWD ?? process.cwd(),
  stdio: 'inherit',
});
// Ctrl-C reaches the child from the terminal; a signal sent to this process alone is passed on.
for (const signal of ['SIGTERM', 'SIGHUP']) {
  process.on(signal, () => child.kill(signal));
}
process.on('SIGINT', () => {});
child.on('exit', (code, signal) => process.exit(signal ? 1 : (code ?? 1)));
