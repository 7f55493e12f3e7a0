// npm run mutation: takes the rules of evidence out one by one and shows that the tests notice. One Jest project a rule,
// and one without a change, which must pass. Then takes fixes out (fixes.mjs). Ends with "N passed, N failed" alone on a line,
// where a rule or fix passes when at least one test fails without it.
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

import { runFixes } from './fixes.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const root = resolve(here, '../..');
const evidence = join(root, 'src/core/evidence');
const work = join(root, '.tests/mutation');
const unchanged = 'no rule';

/** Names of the rules, as the source gives them. A list of rules that lists.json does not know would go unchecked. */
function ruleNames() {
  const known = JSON.parse(readFileSync(join(here, 'lists.json'), 'utf8')).map(({ file }) => `${file}.ts`);
  const sources = readdirSync(evidence).filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'));
  const names = [];
  for (const file of sources) {
    const text = readFileSync(join(evidence, file), 'utf8');
    const found = [...text.matchAll(/: Rule<\w+> = \{\s*name: '([^']+)'/g)].map(([, name]) => name);
    if (found.length > 0 && !known.includes(file)) {
      throw new Error(`the rules of ${file} are not in scripts/mutation/lists.json`);
    }
    names.push(...found);
  }
  if (new Set(names).size !== names.length || names.length === 0) {
    throw new Error(`the names of the rules are not unique: ${names.join(', ')}`);
  }
  return names;
}

const base = createRequire(import.meta.url)(join(root, 'jest.config.js')).projects.find(
  ({ displayName }) => displayName === 'core'
);

/** The tests of the rules, run without one of them. */
function project(rule) {
  return {
    ...base,
    displayName: rule,
    rootDir: root,
    testMatch: [join(evidence, '*Rules.test.ts'), join(evidence, 'declaredGaps.test.ts')],
    setupFilesAfterEnv: [join(here, 'disable.cjs')],
    globals: { disabledRule: rule },
  };
}

const names = ruleNames();
rmSync(work, { recursive: true, force: true });
mkdirSync(work, { recursive: true });
const configFile = join(work, 'jest.config.json');
const resultFile = join(work, 'result.json');
writeFileSync(configFile, JSON.stringify({ rootDir: root, projects: [unchanged, ...names].map(project) }));
const { stderr } = spawnSync(
  process.execPath,
  [join(root, 'node_modules/jest/bin/jest.js'), '--config', configFile, '--json', `--outputFile=${resultFile}`],
  { cwd: root, encoding: 'utf8', env: { ...process.env, TZ: 'UTC' }, maxBuffer: 1 << 28 }
);

/** Failed tests by project. Jest's JSON does not name the project of a file, its summary on screen does. */
const failures = new Map([unchanged, ...names].map((name) => [name, 0]));
const ran = new Map([unchanged, ...names].map((name) => [name, 0]));
for (const [, outcome, name] of stderr.matchAll(/^(PASS|FAIL)\s+(.+?)\s+src\/core\/evidence\//gm)) {
  ran.set(name, (ran.get(name) ?? 0) + 1);
  failures.set(name, (failures.get(name) ?? 0) + (outcome === 'FAIL' ? 1 : 0));
}

let passed = 0;
let failed = 0;
for (const [name, count] of failures) {
  const isGood = ran.get(name) > 0 && (name === unchanged ? count === 0 : count > 0);
  const noticed = `${count} of ${ran.get(name)} test files fail`;
  console.log(`${isGood ? 'passed' : 'FAILED'}  without ${name}: ${noticed}`);
  passed += isGood ? 1 : 0;
  failed += isGood ? 0 : 1;
}
if (failures.get(unchanged) > 0 || ran.get(unchanged) === 0) {
  console.log(stderr.slice(0, 4000));
}
const ofFixes = await runFixes();
passed += ofFixes.passed;
failed += ofFixes.failed;
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed > 0 ? 1 : 0;
