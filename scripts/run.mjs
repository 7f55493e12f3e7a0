// Runs a TypeScript program of this repository and sets up what it needs first, so that one command is enough on a
// fresh machine: `node scripts/run.mjs <program.ts> [arguments]`.
import { spawn } from 'node:child_process';

import { ensureBuild, ensureDependencies, repositoryRoot } from './setup.mjs';

const [program, ...programArguments] = process.argv.slice(2);
if (!program) {
  console.error('usage: node scripts/run.mjs <program.ts> [arguments]');
  process.exit(2);
}

await ensureDependencies();
await ensureBuild();

const child = spawn(process.execPath, ['--expose-gc', '--import', 'tsx', program, ...programArguments], {
  cwd: repositoryRoot,
  stdio: 'inherit',
});
// Ctrl-C reaches the child from the terminal; a signal sent to this process alone is passed on.
for (const signal of ['SIGTERM', 'SIGHUP']) {
  process.on(signal, () => child.kill(signal));
}
process.on('SIGINT', () => {});
child.on('exit', (code, signal) => process.exit(signal ? 1 : (code ?? 1)));
