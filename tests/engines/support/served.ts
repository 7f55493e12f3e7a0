import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';

/** A server that a test started. */
export interface Served {
  /** Where it answers. */
  url: string;
  stop(): Promise<void>;
}

/** Ends a hang only. */
const deadlineMs = 120_000;

/** Starts a program and waits until it answers an address with 200. Throws with what it printed when it does not. */
export async function serve(program: string, given: readonly string[], readyUrl: string): Promise<Served> {
  const child = spawn(program, given, { stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => (output = (output + text).slice(-8000)));
  }
  const exited = once(child, 'exit');
  const kill = () => child.kill('SIGKILL');
  process.once('exit', kill);
  const stop = async () => {
    kill();
    await exited;
    process.off('exit', kill);
  };
  const deadline = Date.now() + deadlineMs;
  while (
    !(await fetch(readyUrl).then(
      ({ ok }) => ok,
      () => false
    ))
  ) {
    if (child.exitCode !== null || Date.now() > deadline) {
      await stop();
      throw new Error(`${program} does not answer:\n${output}`);
    }
    await sleep(100);
  }
  return { url: new URL('/', readyUrl).href, stop };
}
