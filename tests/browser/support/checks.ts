import { screenshot } from './screenshots';
import { type WorkbenchPage } from './workbenchPage';

const maxLines = 25;

export interface Checks {
  /** Runs one check, prints its outcome and keeps it. A failed check leaves a screenshot of the page. */
  run(name: string, work: () => Promise<void>): Promise<void>;
  readonly passed: number;
  readonly failed: number;
}

/** Counts checks of one page; a failed one does not end the run. Each line begins with the name of the page's packages. */
export function createChecks(on: WorkbenchPage): Checks {
  let passed = 0;
  let failed = 0;
  return {
    async run(name, work) {
      const started = performance.now();
      try {
        await work();
        passed += 1;
        console.log(`   ok      ${on.packages.name}: ${name} (${((performance.now() - started) / 1000).toFixed(1)} s)`);
      } catch (error) {
        failed += 1;
        console.log(
          `   FAILED  ${on.packages.name}: ${name}\n${indented(error instanceof Error ? (error.stack ?? error.message) : String(error))}`
        );
        await screenshot(on, `failed-${name.replaceAll(/[^\w]+/g, '-')}`).catch(() => undefined);
      }
    },
    get passed() {
      return passed;
    },
    get failed() {
      return failed;
    },
  };
}

/** The first lines: playwright appends the browser's own log. */
function indented(text: string): string {
  return text.split('\n').slice(0, maxLines).join('\n').replaceAll(/^/gm, '           ');
}
