import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';

import { lock } from 'proper-lockfile';

import { secondMs } from '../../src/core/domain/duration';

/** A lock that was not renewed for so long belongs to nobody: its holder renews it twice as often, and may have crashed. */
const staleMs = 30 * secondMs;
const lookEveryMs = 250;

/**
 * Does some work while no other process does any under the same lock, and waits for as long as one does. Should the holder
 * have been unable to renew its lock, another one may join in: what it guards may only be wasteful when done twice. Rejects as
 * `work` does.
 * @param file names the lock, which is a folder beside it; the file itself need not exist.
 * @param onWait is called once when there is something to wait for.
 */
export async function withLock<T>(
  file: string,
  work: () => Promise<T>,
  onWait: () => void = () => undefined
): Promise<T> {
  let isLost = false;
  const options = { realpath: false, stale: staleMs, onCompromised: () => (isLost = true) };
  await mkdir(dirname(file), { recursive: true });
  const release = await lock(file, options).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ELOCKED') {
      throw error;
    }
    onWait();
    return lock(file, { ...options, retries: { forever: true, minTimeout: lookEveryMs, maxTimeout: lookEveryMs } });
  });
  try {
    return await work();
  } finally {
    if (!isLost) {
      await release();
    }
  }
}
