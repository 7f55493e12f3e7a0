// npm run fuzz -- --runs N: properties that must hold for any text that somebody may write: no crash, no injection, no growth
// above linear. The runs are shared out by weight; --seed, --only <part of a name>, --stop at the first failure. Ends with "N passed, N failed", a property each, and a closing line.
import { parseArgs } from 'node:util';

import { installBrowserGlobals } from '../host/environment';
import { formatDuration } from '../lib/duration';
import { UserError } from '../lib/errors';
import { runProgram } from '../lib/program';
import { type FuzzProperty } from './property';

/** Runs between two lines of progress of one property. */
const runsAtOnce = 5000;

function wholeNumber(name: string, text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 1) {
    throw new UserError(`--${name} must be a whole number above 0, not ${text}`);
  }
  return value;
}

/** Runs of one property; what does not hold is printed with the smallest example. */
async function holds({ name, run }: FuzzProperty, runs: number, seed: number): Promise<boolean> {
  const started = Date.now();
  const time = () => formatDuration(Date.now() - started);
  for (let done = 0; done < runs; done += runsAtOnce) {
    const problem = run(Math.min(runsAtOnce, runs - done), seed + done);
    if (problem !== undefined) {
      console.log(`FAILED  ${name}: ${problem}`);
      return false;
    }
    if (done + runsAtOnce < runs) {
      console.log(`        ${name}: ${done + runsAtOnce} of ${runs} runs, ${time()}`);
      await new Promise((fulfil) => setImmediate(fulfil));
    }
  }
  console.log(`passed  ${name}: ${runs} runs, ${time()}`);
  return true;
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      runs: { type: 'string', default: '20000' },
      seed: { type: 'string', default: '1' },
      only: { type: 'string', default: '' },
      stop: { type: 'boolean', default: false },
    },
  });
  const [runs, seed] = [wholeNumber('runs', values.runs), wholeNumber('seed', values.seed)];
  installBrowserGlobals({ timezone: 'utc', orgId: 1, grafanaVersion: '12.3.0' });
  const { properties } = await import('./properties');
  const chosen = properties.filter(({ name }) => name.includes(values.only));
  if (chosen.length === 0) {
    throw new UserError(
      `no property has a name with "${values.only}": ${properties.map(({ name }) => name).join('; ')}`
    );
  }
  // A property has as many runs alone as among all.
  const weights = properties.reduce((sum, { weight }) => sum + weight, 0);
  let total = 0;
  let failed = 0;
  for (const property of chosen) {
    const own = Math.max(1, Math.ceil((runs * property.weight) / weights));
    total += own;
    failed += (await holds(property, own, seed)) ? 0 : 1;
    if (failed > 0 && values.stop) {
      break;
    }
  }
  console.log(`${chosen.length - failed} passed, ${failed} failed`);
  console.log(
    `fuzz: ${total} runs of ${chosen.length} properties from seed ${seed}: ${failed === 0 ? 'all hold' : `${failed} do not hold`}`
  );
  if (failed > 0) {
    throw new UserError('a property does not hold');
  }
}

runProgram(main);
