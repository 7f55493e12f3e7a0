import { execFile } from 'node:child_process';
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { withLock } from '../../../stack/lib/lock';
import { repositoryRoot } from '../../../stack/lib/repository';

/** What a run of the program left. */
export interface Ended {
  code: number;
  stdout: string;
  stderr: string;
}

/** Runs `oscar-usage` as users do: its one file, in a folder without packages, with this environment and no other. */
export interface CommandLine {
  folder: string;
  run(programArguments: readonly string[], environment: Readonly<Record<string, string>>): Promise<Ended>;
  close(): void;
}

/** Builds the program unless it is up to date. */
export async function openCommandLine(): Promise<CommandLine> {
  const file = await withLock(join(repositoryRoot, '.tests', 'cli'), async () => {
    // In a process of its own, because the script is an ES module, which Jest can't load as it is.
    const script = `import { ensureCommandLine } from './scripts/setup.mjs'; console.log(await ensureCommandLine());`;
    const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script], {
      cwd: repositoryRoot,
    });
    return stdout.trim();
  });
  const folder = mkdtempSync(join(tmpdir(), 'oscar-usage-engines-'));
  // Where no packages are found from it.
  const program = join(folder, 'oscar-usage.cjs');
  copyFileSync(file, program);
  return {
    folder,
    run: (programArguments, environment) =>
      new Promise((fulfil) => {
        const options = { cwd: folder, env: { PATH: process.env.PATH, ...environment }, maxBuffer: 64 * 1024 * 1024 };
        execFile(process.execPath, [program, ...programArguments], options, (error, stdout, stderr) =>
          fulfil({ code: typeof error?.code === 'number' ? error.code : error ? -1 : 0, stdout, stderr })
        );
      }),
    close: () => rmSync(folder, { recursive: true, force: true }),
  };
}
