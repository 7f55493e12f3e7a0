import { existsSync, mkdirSync, mkdtempSync, rmSync, utimesSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { withLock } from './lock';

describe('withLock', () => {
  let directory: string;
  let file: string;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'lock-'));
    file = join(directory, 'sub', 'work');
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  it('lets one in at a time, and says once that another one waits', async () => {
    const order: string[] = [];
    const onWait = jest.fn(() => finish());
    let finish: () => void = () => undefined;
    const first = withLock(file, async () => {
      await new Promise<void>((fulfil) => (finish = fulfil));
      order.push('first');
    });
    while (!existsSync(`${file}.lock`)) {
      await new Promise(setImmediate);
    }
    await withLock(file, async () => order.push('second'), onWait);
    await first;
    expect(order).toEqual(['first', 'second']);
    expect(onWait).toHaveBeenCalledTimes(1);
    expect(existsSync(`${file}.lock`)).toBe(false);
  });

  it('gives the lock back when the work fails', async () => {
    await expect(withLock(file, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    await expect(withLock(file, async () => 7)).resolves.toBe(7);
  });

  it('takes over from a holder that stopped renewing it', async () => {
    mkdirSync(`${file}.lock`, { recursive: true });
    const longAgo = new Date(Date.now() - 600_000);
    utimesSync(`${file}.lock`, longAgo, longAgo);
    const onWait = jest.fn();
    await expect(withLock(file, async () => 7, onWait)).resolves.toBe(7);
    expect(onWait).not.toHaveBeenCalled();
  });

  it('says so where no lock can be made', async () => {
    mkdirSync(join(directory, 'sub'));
    await expect(withLock(join(directory, 'sub', `${'n'.repeat(300)}`), async () => 7)).rejects.toThrow('ENAMETOOLONG');
  });
});
