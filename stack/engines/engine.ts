import { fork, type ChildProcess } from 'node:child_process';
import { mkdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

import { UserError } from '../lib/errors';
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
const maxStarts = 3;
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
  for (let attempt = 1; ; attempt++) {
    const outcome = await startOnce(kind, options);
    if ('engine' in outcome) {
      return outcome.engine;
    }
    const tail = await lastLines(outcome.logFile);
    if (attempt === maxStarts || !tail.includes('address already in use')) {
      throw new UserError(`${kind.name} did not start: ${outcome.failure}\n${tail || '(its log is empty)'}`);
    }
  }
}

/** The end of a log; empty when it cannot be read. */
async function lastLines(file: string): Promise<string> {
  const text = await readFile(file, 'utf8').catch(() => '');
  return text.trimEnd().split('\n').slice(-20).join('\n');
}

type StartOutcome = { engine: Engine } | { failure: string; logFile: string };

async function startOnce(kind: EngineKind, options: EngineOptions): Promise<StartOutcome> {
  const supervised = supervise(join(options.dataDirectory, 'in-use'));
  try {
    await supervised.locked;
  } catch (error) {
    throw new UserError(`${kind.name} can not use ${options.dataDirectory}: ${messageOf(error)}`);
  }
  const port = await findFreePort(options.preferredPort ?? kind.defaultPort);
  const logFile = join(options.dataDirectory, `${kind.name}.log`);
  let pid: number;
  try {
    supervised.send({ start: { logFile, program: options.binary, arguments: await kind.prepare(port) } });
    pid = await supervised.started;
  } catch (error) {
    supervised.send('stop');
    await supervised.exited;
    return { failure: `${options.binary}: ${messageOf(error)}`, logFile };
  }

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
    void engine.exited.then(() => running.delete(engine));
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

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

type Command = { start: { logFile: string; program: string; arguments: readonly string[] } } | 'stop' | 'kill';

interface Supervised {
  /** The data belong to the supervisor, until it ends. Rejects when they belong to another one for longer than it waits. */
  locked: Promise<void>;
  /** The engine's process id. Rejects when it cannot be started. */
  started: Promise<number>;
  exited: Promise<EngineExit>;
  send(command: Command): void;
}

type SupervisorMessage = { locked: true } | { started: number } | { failed: string } | { exited: EngineExit };

function supervise(lockFile: string): Supervised {
  // A process group of its own, so that Ctrl-C reaches this program only, which then stops the engines in its order.
  const supervisor = fork(supervisorFile, [String(graceMilliseconds), lockFile], {
    detached: true,
    execArgv: [],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  let pid: number | undefined;
  let exit: EngineExit | undefined;
  const failed = new Promise<never>((_, reject) => {
    supervisor.on('error', reject);
    supervisor.on('exit', () => reject(new Error('its supervisor ended')));
    supervisor.on('message', (message: SupervisorMessage) => {
      if ('failed' in message) {
        reject(new Error(message.failed));
      } else if ('exited' in message) {
        exit = message.exited;
      }
    });
  });
  const locked = new Promise<void>((fulfil) => {
    supervisor.on('message', (message: SupervisorMessage) => 'locked' in message && fulfil());
  });
  const started = new Promise<number>((fulfil) => {
    supervisor.on('message', (message: SupervisorMessage) => {
      if ('started' in message) {
        pid = message.started;
        fulfil(pid);
      }
    });
  });
  const orFailed = <T>(event: Promise<T>): Promise<T> => {
    const either = Promise.race([event, failed]);
    // The caller waits for one after the other; what fails meanwhile is seen then.
    either.catch(() => undefined);
    return either;
  };
  const exited = new Promise<EngineExit>((fulfil) => {
    supervisor.on('exit', () => {
      if (exit === undefined && pid !== undefined) {
        // The supervisor itself was killed: the engine has lost its watchdog and must not stay.
        killQuietly(pid);
      }
      fulfil(exit ?? { code: null, signal: 'SIGKILL' });
    });
  });
  return {
    locked: orFailed(locked),
    started: orFailed(started),
    exited,
    send: (command) => sendQuietly(supervisor, command),
  };
}

function killQuietly(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended already.
  }
}

function sendQuietly(supervisor: ChildProcess, command: Command): void {
  if (supervisor.connected) {
    // The channel may close while the command is under way: then the engine has ended, which is what was wanted.
    supervisor.send(command, () => undefined);
  }
}
