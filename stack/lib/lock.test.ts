import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { acquireLock } from './lock';

describe('acquireLock', () => {
  let directory: string;
  let file: string;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'lock-'));
    file = join(directory, 'sub', 'lock');
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  it('lets one holder in at a time', async () => {
    const first = await acquireLock(file);
    const onWait = jest.fn();
    await expect(acquireLock(file, { patienceMilliseconds: 300, onWait })).rejects.toThrow(
      `locked by process ${process.pid}`
    );
    expect(onWait).toHaveBeenCalledTimes(1);
    first.release();
    expect(existsSync(file)).toBe(false);
    (await acquireLock(file, { patienceMilliseconds: 0 })).release();
  });

  it('takes over from a process that has ended', async () => {
    const ended = spawnSync(process.execPath, ['-e', '']).pid;
    const first = await acquireLock(file);
    first.assign(ended);
    (await acquireLock(file, { patienceMilliseconds: 0 })).release();
    first.release();
  });

  it('takes over from a holder that stopped touching it, because its process id may belong to another by now', async () => {
    const first = await acquireLock(file);
    const longAgo = new Date(Date.now() - 600_000);
    utimesSync(file, longAgo, longAgo);
    (await acquireLock(file, { patienceMilliseconds: 0 })).release();
    first.release();
  });

  it('takes over a lock whose writer crashed before it wrote', async () => {
    (await acquireLock(file)).release();
    writeFileSync(file, '');
    (await acquireLock(file)).release();
  });
});
