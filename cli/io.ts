import { randomBytes } from 'node:crypto';
import { open, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

import { usageError, ToldError } from './exit';
import { printable } from './output/text';

/** Where the program writes; `process.stdout` and `process.stderr` fit. */
export interface Output {
  isTTY?: boolean;
  columns?: number;
  write(text: string): unknown;
}

/** What a command has of the process that runs it. */
export interface Io {
  stdout: Output;
  stderr: Output;
  environment: Readonly<Record<string, string | undefined>>;
  /** ms since the epoch. */
  now(): number;
  /** Aborted when the program is interrupted. */
  signal: AbortSignal;
}

/** A line for people, which holds nothing that a terminal obeys. */
export function tell({ stderr }: Pick<Io, 'stderr'>, line: string): void {
  stderr.write(`${printable(line)}\n`);
}

/** Writes a file as a whole or not at all: nobody ever sees half of it. Throws a told error. */
export async function writeAtomically(path: string, text: string): Promise<void> {
  const temporary = join(dirname(path), `.${basename(path)}.${randomBytes(6).toString('hex')}.tmp`);
  try {
    const file = await open(temporary, 'wx');
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') {
      throw usageError(`--out: the folder of ${path} does not exist`);
    }
    throw new ToldError(`--out: ${path} cannot be written: ${code === 'EACCES' ? 'permission denied' : message}`);
  }
}
