// @ts-check
// Holds the lock of an engine's data, starts the engine and outlives the program that wanted it just long enough to end it:
// a parent that is killed with SIGKILL cannot clean up, but the system closes its end of the IPC channel, and that is
// noticed here. Plain JavaScript, because it lives as long as the engine does and needs no TypeScript loader in memory.
//
// node supervisor.mjs <grace in ms> <file that names the lock>
// to the parent: {locked: true}, then {started: pid}, then {exited: {code, signal}}; or {failed: message}
// from the parent: {start: {logFile, program, arguments}} | 'stop' | 'kill'
import { spawn } from 'node:child_process';
import { openSync } from 'node:fs';

import { lock } from 'proper-lockfile';

const [graceText, lockFile] = process.argv.slice(2);
if (!process.send || !graceText || !lockFile) {
  console.error('usage: fork supervisor.mjs with <grace in ms> <file that names the lock>');
  process.exit(2);
}
const graceMilliseconds = Number(graceText);
const lookEveryMilliseconds = 250;
/** An engine whose program was killed is given its time to end, and its lock the time to grow stale. */
const looks = (graceMilliseconds + 15_000) / lookEveryMilliseconds;

/** @type {import('node:child_process').ChildProcess | undefined} */
let engine;
/** @type {() => Promise<void>} */
let release = async () => undefined;

/** @param {Record<string, unknown>} message */
function tell(message) {
  if (process.connected) {
    process.send?.(message, undefined, undefined, () => undefined);
  }
}

/**
 * Nothing keeps this process alive once the channel is closed; messages that are under way are sent first.
 * @param {Record<string, unknown>} [last]
 */
async function finish(last) {
  await release().catch(() => undefined);
  if (last) {
    tell(last);
  }
  if (process.connected) {
    process.disconnect();
  }
}

let stopping = false;
function stop() {
  if (stopping) {
    return;
  }
  stopping = true;
  if (engine) {
    engine.kill('SIGTERM');
    setTimeout(() => engine?.kill('SIGKILL'), graceMilliseconds).unref();
  } else {
    void finish().finally(() => process.exit());
  }
}

/** @param {{logFile: string, program: string, arguments: string[]}} command */
function start({ logFile, program, arguments: programArguments }) {
  const log = openSync(logFile, 'w');
  engine = spawn(program, programArguments, { stdio: ['ignore', log, log] });
  engine.on('spawn', () => tell({ started: engine?.pid }));
  engine.on('error', (error) => {
    engine = undefined;
    void finish({ failed: error.message });
  });
  engine.on('exit', (code, signal) => void finish({ exited: { code, signal } }));
}

// Whoever signals the whole process group gets an orderly end from the parent, or from the closed channel.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.on(signal, stop);
}
process.on('message', (/** @type {any} */ message) => {
  if (message === 'kill') {
    engine?.kill('SIGKILL');
  } else if (message === 'stop') {
    stop();
  } else {
    start(message.start);
  }
});
process.on('disconnect', stop);

try {
  release = await lock(lockFile, {
    realpath: false,
    retries: { retries: looks, factor: 1, minTimeout: lookEveryMilliseconds, maxTimeout: lookEveryMilliseconds },
    // Another supervisor has taken over, as this one could not renew its lock: two engines must not share their data.
    onCompromised: stop,
  });
  tell({ locked: true });
} catch (error) {
  const isHeld = error instanceof Error && 'code' in error && error.code === 'ELOCKED';
  await finish({
    failed: isHeld ? 'another program uses it. Stop that program, or wait until it has finished.' : String(error),
  });
}
