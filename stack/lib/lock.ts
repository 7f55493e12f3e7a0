import { readFileSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';

import { sleep } from './duration';
import { systemErrorCode } from './errors';

export interface Lock {
  /** Says that the lock belongs to that process from now on: it stays locked while that process lives. */
  assign(pid: number): void;
  /** Gives the lock back. Later calls do nothing. */
  release(): void;
}

export interface LockOptions {
  /** How long to wait for another holder, in milliseconds. Default: for ever. */
  patienceMilliseconds?: number;
  /** Is called once, with the holder's process id, when there is something to wait for. */
  onWait?: (holder: number) => void;
}

const heartbeatMilliseconds = 5_000;
/**
 * A process id alone does not prove that the holder lives, because ids are used again, after a restart of the machine
 * above all. The holder therefore touches the file; one that is this old belongs to nobody. Generous, because a
 * holder that computes without a pause cannot touch it.
 */
const staleMilliseconds = 120_000;

/**
 * Takes a lock that is a file holding the owner's process id. A crashed owner's lock is taken over. Two processes that
 * take over the same stale lock at the very same moment may both succeed, so it must only guard work that is wasteful
 * twice, or where the engine has a guard of its own.
 * @throws Error when the lock is still taken after the patience; its message names the file and the holder.
 */
export async function acquireLock(file: string, options: LockOptions = {}): Promise<Lock> {
  const deadline = Date.now() + (options.patienceMilliseconds ?? Infinity);
  await mkdir(dirname(file), { recursive: true });
  let told = false;
  while (!tryCreate(file)) {
    const holder = holderOf(file);
    if (holder === undefined) {
      discard(file);
      continue;
    }
    if (Date.now() >= deadline) {
      throw new Error(`${file} is locked by process ${holder}. Stop that process, or wait until it has finished.`);
    }
    if (!told) {
      told = true;
      options.onWait?.(holder);
    }
    await sleep(250);
  }
  return hold(file);
}

function hold(file: string): Lock {
  let released = false;
  let owner = process.pid;
  const heartbeat = setInterval(() => {
    const now = new Date();
    try {
      utimesSync(file, now, now);
    } catch {
      // Somebody removed the folder; there is nothing left to guard.
    }
  }, heartbeatMilliseconds);
  heartbeat.unref();
  return {
    assign(pid) {
      if (!released) {
        owner = pid;
        writeFileSync(file, String(owner));
      }
    },
    release() {
      if (!released) {
        released = true;
        clearInterval(heartbeat);
        removeIfOwned(file, owner);
      }
    },
  };
}

/** Another process may have taken the lock over while this one could not touch it. */
function removeIfOwned(file: string, owner: number): void {
  try {
    if (readFileSync(file, 'utf8') === String(owner)) {
      rmSync(file, { force: true });
    }
  } catch (error) {
    if (systemErrorCode(error) !== 'ENOENT') {
      throw error;
    }
  }
}

function tryCreate(file: string): boolean {
  try {
    writeFileSync(file, String(process.pid), { flag: 'wx' });
    return true;
  } catch (error) {
    if (systemErrorCode(error) === 'EEXIST') {
      return false;
    }
    throw error;
  }
}

/** The process that holds the lock, or undefined when nobody does any more. */
function holderOf(file: string): number | undefined {
  try {
    const age = Date.now() - statSync(file).mtimeMs;
    const pid = Number.parseInt(readFileSync(file, 'utf8'), 10);
    if (Number.isNaN(pid)) {
      // Created but not written yet, unless it has been like that for long.
      return age < 1_000 ? 0 : undefined;
    }
    return age < staleMilliseconds && isAlive(pid) ? pid : undefined;
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') {
      return undefined;
    }
    throw error;
  }
}

/** Whether a process with this id exists, whoever owns it. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return systemErrorCode(error) === 'EPERM';
  }
}

/** Removes a stale lock under a name of its own first: a lock that another process has just made is not removed twice. */
function discard(file: string): void {
  const grave = `${file}.${process.pid}.stale`;
  try {
    renameSync(file, grave);
    rmSync(grave, { force: true });
  } catch (error) {
    if (systemErrorCode(error) !== 'ENOENT') {
      throw error;
    }
  }
}
