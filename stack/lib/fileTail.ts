import { open } from 'node:fs/promises';

/** The last lines of a text file, oldest first; empty when it cannot be read. Reads at most the last 64 KiB. */
export async function readTail(file: string, lines = 20): Promise<string> {
  const most = 64 * 1024;
  try {
    const handle = await open(file, 'r');
    try {
      const { size } = await handle.stat();
      const length = Math.min(size, most);
      const { buffer } = await handle.read(Buffer.alloc(length), 0, length, size - length);
      return buffer.toString('utf8').trimEnd().split('\n').slice(-lines).join('\n');
    } finally {
      await handle.close();
    }
  } catch {
    return '';
  }
}
