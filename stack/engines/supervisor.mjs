// @ts-check
// Starts one engine and outlives the program that wanted it just long enough to end it: a parent that is killed with
// SIGKILL cannot clean up, but the system closes its end of the IPC channel, and that is noticed here. Plain
// JavaScript, because it lives as long as the engine does and needs no TypeScript loader in memory.
//
// node supervisor.mjs <grace in ms> <log file> <program> [arguments]
// to the parent: {started: pid} | {failed: message} | {exited: {code, signal}}     from the parent: 'stop' | 'kill'
import { spawn } from 'node:child_process';
import { openSync } from 'node:fs';

const [graceText, logFile, program, ...programArguments] = process.argv.slice(2);
if (!process.send || !graceText || !logFile || !program) {
  console.error('usage: fork supervisor.mjs with <grace in ms> <log file> <program> [arguments]');
  process.exit(2);
}
const graceMilliseconds = Number(graceText);

/** @param {Record<string, unknown>} message */
function tell(message) {
  if (process.connected) {
    process.send?.(message, undefined, undefined, () => undefined);
  }
}

// Whoever signals the whole process group gets an orderly end from the parent, or from the closed channel.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.on(signal, () => stop());
}

const log = openSync(logFile, 'w');
const engine = spawn(program, programArguments, { stdio: ['ignore', log, log] });

engine.on('spawn', () => tell({ started: engine.pid }));
engine.on('error', (error) => {
  tell({ failed: error.message });
  process.disconnect?.();
});
engine.on('exit', (code, signal) => {
  tell({ exited: { code, signal } });
  // Nothing keeps this process alive once the channel is closed; messages that are under way are sent first.
  if (process.connected) {
    process.disconnect();
  }
});

let stopping = false;
function stop() {
  if (stopping) {
    return;
  }
  stopping = true;
  engine.kill('SIGTERM');
  setTimeout(() => engine.kill('SIGKILL'), graceMilliseconds).unref();
}

process.on('message', (message) => {
  if (message === 'kill') {
    engine.kill('SIGKILL');
  } else if (message === 'stop') {
    stop();
  }
});
process.on('disconnect', stop);
