import { fork, type ChildProcess } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { sleep } from '../lib/duration';
import { UserError } from '../lib/errors';
import { readTail } from '../lib/fileTail';
import { acquireLock, type Lock } from '../lib/lock';
import { findFreePort, loopback } from '../lib/ports';
import type { Engine, EngineExit, EngineOptions } from './types';

/** How an engine differs from the other one, as far as starting it is concerned. */
export interface EngineKind {
  name: Engine['name'];
  defaultPort: number;
  /** Answers 200 when the engine can be used. */
  readyPath: string;
  /** Answers with the engine's configuration, which names its data directory. */
  configurationPath: string;
  /** Writes what the engine needs into its data directory and returns its command line. */
  prepare(port: number): Promise<string[]>;
}

/** Loki flushes and Prometheus closes its head block within this time; then SIGKILL, which both survive (WAL). */
const graceMilliseconds = 180_000;
const defaultReadyTimeoutMilliseconds = 900_000;
/** Another process can take a port between the probe and the engine's start. */
const mostStarts = 3;
const supervisorFile = join(dirname(fileURLToPath(import.meta.url)), 'supervisor.mjs');

const running = new Set<Engine>();

/** Stops every engine that this process has started and that still runs. */
export async function stopEngines(): Promise<void> {
  await Promise.all([...running].map((engine) => engine.stop()));
}

/**
 * Starts an engine on the loopback address and waits until it is ready. It ends with this process, however this
 * process ends (see supervisor.mjs).
 * @throws UserError when the data directory is in use, the program cannot be started, ends early or is not ready in
 * time; the message holds the last lines of its log. Nothing is left running then.
 */
export async function startEngine(kind: EngineKind, options: EngineOptions): Promise<Engine> {
  await mkdir(options.dataDirectory, { recursive: true });
  const lock = await lockDataDirectory(kind.name, options.dataDirectory);
  try {
    for (let attempt = 1; ; attempt++) {
      const outcome = await startOnce(kind, options, lock);
      if ('engine' in outcome) {
        return outcome.engine;
      }
      const tail = await readTail(outcome.logFile);
      if (attempt === mostStarts || !tail.includes('address already in use')) {
        throw new UserError(`${kind.name} did not start: ${outcome.failure}\n${tail || '(its log is empty)'}`);
      }
    }
  } catch (error) {
    lock.release();
    throw error;
  }
}

async function lockDataDirectory(name: string, directory: string): Promise<Lock> {
  try {
    // An engine whose program was killed needs a moment to end.
    return await acquireLock(join(directory, 'in-use'), { patienceMilliseconds: graceMilliseconds + 5_000 });
  } catch (error) {
    throw new UserError(`${name} cannot use ${directory}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

type StartOutcome = { engine: Engine } | { failure: string; logFile: string };

async function startOnce(kind: EngineKind, options: EngineOptions, lock: Lock): Promise<StartOutcome> {
  const port = await findFreePort(options.preferredPort ?? kind.defaultPort);
  const logFile = join(options.dataDirectory, `${kind.name}.log`);
  const supervised = supervise(options.binary, await kind.prepare(port), logFile);
  let pid: number;
  try {
    pid = await supervised.started;
  } catch (error) {
    return { failure: `${options.binary}: ${error instanceof Error ? error.message : String(error)}`, logFile };
  }
  lock.assign(pid);

  const engine: Engine = {
    name: kind.name,
    url: `http://${loopback}:${port}`,
    port,
    pid,
    dataDirectory: options.dataDirectory,
    logFile,
    exited: supervised.exited,
    async stop() {
      supervised.send('stop');
      await supervised.exited;
    },
    async kill() {
      supervised.send('kill');
      await supervised.exited;
    },
  };
  running.add(engine);

  const timeout = options.readyTimeoutMilliseconds ?? defaultReadyTimeoutMilliseconds;
  const failure = await waitUntilReady(engine, kind, timeout);
  if (failure === undefined) {
    void engine.exited.then(() => {
      running.delete(engine);
      lock.release();
    });
    return { engine };
  }
  await engine.kill();
  running.delete(engine);
  return { failure, logFile };
}

/** Undefined when the engine is ready, else what went wrong. */
async function waitUntilReady(
  engine: Engine,
  { readyPath, configurationPath }: EngineKind,
  timeoutMilliseconds: number
): Promise<string | undefined> {
  const deadline = Date.now() + timeoutMilliseconds;
  let exit: EngineExit | undefined;
  void engine.exited.then((value) => (exit = value));
  let last = 'no answer';
  while (Date.now() < deadline) {
    if (exit !== undefined) {
      return `it ended with ${exit.signal ?? `code ${exit.code}`}`;
    }
    try {
      const ready = await get(`${engine.url}${readyPath}`);
      last = `HTTP ${ready.status} ${ready.text.trim()}`;
      if (ready.ok) {
        // Another program may have taken the port while this one was loading its data.
        const { text } = await get(`${engine.url}${configurationPath}`);
        if (text.includes(engine.dataDirectory)) {
          return undefined;
        }
        last = 'another program answers at its port';
      }
    } catch {
      last = 'no answer';
    }
    await sleep(100);
  }
  return `not ready after ${timeoutMilliseconds / 1000} s (${readyPath}: ${last})`;
}

async function get(url: string): Promise<{ ok: boolean; status: number; text: string }> {
  const response = await fetch(url, { signal: AbortSignal.timeout(30_000) });
  return { ok: response.ok, status: response.status, text: await response.text() };
}

interface Supervised {
  /** The engine's process id. Rejects when it cannot be started. */
  started: Promise<number>;
  exited: Promise<EngineExit>;
  send(command: 'stop' | 'kill'): void;
}

type SupervisorMessage = { started: number } | { failed: string } | { exited: EngineExit };

function supervise(program: string, programArguments: readonly string[], logFile: string): Supervised {
  // A process group of its own, so that Ctrl-C reaches this program only, which then stops the engines in its order.
  const supervisor = fork(supervisorFile, [String(graceMilliseconds), logFile, program, ...programArguments], {
    detached: true,
    execArgv: [],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  let pid: number | undefined;
  let exit: EngineExit | undefined;
  const started = new Promise<number>((fulfil, reject) => {
    supervisor.on('error', reject);
    supervisor.on('message', (message: SupervisorMessage) => {
      if ('started' in message) {
        pid = message.started;
        fulfil(pid);
      } else if ('failed' in message) {
        reject(new Error(message.failed));
      } else {
        exit = message.exited;
      }
    });
    supervisor.on('exit', () => reject(new Error('its supervisor ended')));
  });
  const exited = new Promise<EngineExit>((fulfil) => {
    supervisor.on('exit', () => {
      if (exit === undefined && pid !== undefined) {
        // The supervisor itself was killed: the engine has lost its watchdog and must not stay.
        killQuietly(pid);
      }
      fulfil(exit ?? { code: null, signal: 'SIGKILL' });
    });
  });
  return { started, exited, send: (command) => sendQuietly(supervisor, command) };
}

function killQuietly(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended already.
  }
}

function sendQuietly(supervisor: ChildProcess, command: string): void {
  if (supervisor.connected) {
    // The channel may close while the command is under way: then the engine has ended, which is what was wanted.
    supervisor.send(command, () => undefined);
  }
}
