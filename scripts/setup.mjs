// What every command needs before it can start: the npm packages of the lockfile, and the built plugin or command line. All are
// skipped when they are up to date. Plain Node without packages, because it runs before any package is installed. It writes to
// standard error, because a command's own output may be a file of figures.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

export const repositoryRoot = resolve(dirname(fileURLToPath(import.meta.url)), '..');

/** As the packages of the lockfile ask for. */
const lowestNode = { major: 20, minor: 19 };

/** Runs a command with its output on screen. Rejects with the command line when it fails. */
export function run(command, commandArguments, options = {}) {
  return new Promise((fulfil, reject) => {
    const child = spawn(command, commandArguments, { cwd: repositoryRoot, stdio: 'inherit', ...options });
    child.on('error', (error) =>
      reject(new Error(error.code === 'ENOENT' ? `${command} is not installed or not on PATH` : error.message))
    );
    child.on('exit', (code) =>
      code === 0 ? fulfil() : reject(new Error(`"${[command, ...commandArguments].join(' ')}" ended with code ${code}`))
    );
  });
}

/** Standard output of what a stage runs, as standard error. */
const told = { stdio: ['inherit', 2, 'inherit'] };

/** Runs one set-up stage and prints what it does and how long it took. */
export async function stage(name, work) {
  const started = Date.now();
  console.error(`── ${name}`);
  await work();
  console.error(`   ${name}: ${((Date.now() - started) / 1000).toFixed(1)} s`);
}

function digestOf(files) {
  const hash = createHash('sha256');
  for (const file of files) {
    hash
      .update(file)
      .update('\0')
      .update(readFileSync(join(repositoryRoot, file)))
      .update('\0');
  }
  return hash.digest('hex');
}

function filesUnder(directory) {
  return readdirSync(join(repositoryRoot, directory))
    .sort()
    .flatMap((name) => {
      const path = join(directory, name);
      return statSync(join(repositoryRoot, path)).isDirectory() ? filesUnder(path) : [path];
    });
}

function isCurrent(stampFile, digest) {
  const stampPath = join(repositoryRoot, stampFile);
  return existsSync(stampPath) && readFileSync(stampPath, 'utf8') === digest;
}

/** Installs the packages of package-lock.json, unless node_modules already holds exactly them. */
export async function ensureDependencies() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (major < lowestNode.major || (major === lowestNode.major && minor < lowestNode.minor)) {
    const lowest = `${lowestNode.major}.${lowestNode.minor}`;
    throw new Error(`Node ${process.versions.node} is too old: version ${lowest} or newer is needed`);
  }
  await install('.', 'the npm packages (about 800; 1 to 3 minutes)');
}

/** Installs what the workbench's page is made of for Grafana 13 (React 19), apart from all else; nothing of it runs in Node. */
export async function ensureGrafana13() {
  await install(
    'workbench/grafana13',
    'the npm packages of Grafana 13 (about 470; 1 to 2 minutes)',
    '--ignore-scripts'
  );
}

/** Installs the packages of the lockfile in a folder, unless its node_modules already holds exactly them. */
async function install(folder, name, ...options) {
  const stamp = join(folder, 'node_modules/.oscar-metrics-installed');
  // The lockfile names the wanted packages too; the rest of package.json changes nothing here.
  const digest = digestOf([join(folder, 'package-lock.json')]) + process.platform + process.arch;
  if (isCurrent(stamp, digest)) {
    return;
  }
  await stage(`installing ${name}`, async () => {
    const cwd = join(repositoryRoot, folder);
    await run('npm', ['ci', ...options, '--no-audit', '--no-fund', '--loglevel=error'], { ...told, cwd });
    writeFileSync(join(repositoryRoot, stamp), digest);
  });
}

/** Builds dist/, unless it was built from exactly the present sources. */
export async function ensureBuild() {
  const inputs = [
    ...filesUnder('src').filter((file) => !/\.test\.tsx?$/.test(file)),
    ...filesUnder('.config'),
    'webpack.config.ts',
    'package-lock.json',
    'README.md',
    'CHANGELOG.md',
    'LICENSE',
  ].filter((file) => existsSync(join(repositoryRoot, file)));
  const digest = digestOf(inputs);
  const stamp = 'node_modules/.oscar-metrics-built';
  if (existsSync(join(repositoryRoot, 'dist/module.js')) && isCurrent(stamp, digest)) {
    return;
  }
  await stage('building the plugin (about 15 seconds)', async () => {
    await run('npm', ['run', '--silent', 'build'], told);
    writeFileSync(join(repositoryRoot, stamp), digest);
  });
}

/** Builds the command line, unless it was built from exactly the present sources, and gives the path of its one file. */
export async function ensureCommandLine() {
  const file = join(repositoryRoot, 'cli/dist/oscar-usage.cjs');
  const inputs = [...filesUnder('src/core'), ...filesUnder('cli')].filter(
    (path) => !/\.test\.tsx?$|^cli[\\/]dist[\\/]/.test(path)
  );
  const digest = digestOf([...inputs, 'package-lock.json']);
  const stamp = 'node_modules/.oscar-usage-built';
  if (!existsSync(file) || !isCurrent(stamp, digest)) {
    await stage('building oscar-usage', async () => {
      await run(process.execPath, ['cli/build.mjs'], told);
      writeFileSync(join(repositoryRoot, stamp), digest);
    });
  }
  return file;
}
