// What the built plugin must and must not hold, and what weighs most in it. `node scripts/bundle.mjs` prints it for dist/.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';

import { decodedMappings, TraceMap } from '@jridgewell/trace-mapping';

import { repositoryRoot } from './setup.mjs';

/** What every dashboard loads, in bytes with gzip; the editors come on top when one is opened. */
const moduleBytes = 126_000;

/** Text that no file may hold, and why. */
const forbidden = [
  [/react\/jsx-(?:dev-)?runtime/, 'needs the JSX runtime, which Grafana 12 does not have'],
  [/\beval\(|\bnew Function\(/, 'uses eval, which a content security policy forbids'],
  [/\.defaultProps\b|findDOMNode|unmountComponentAtNode/, 'uses what React 19 has removed'],
];

/** Test ids of the editors: they stand in files of their own, not in the one that every dashboard loads. */
const lazyMarks = ['oscar-query-editor', 'oscar-config-editor', 'oscar-query-help'];

/** Sentences that say what is wrong with the plugin built into `directory`; empty when nothing is. */
function bundleProblems(directory) {
  const scripts = readdirSync(directory).filter((name) => name.endsWith('.js'));
  const texts = new Map(scripts.map((name) => [name, readFileSync(join(directory, name), 'utf8')]));
  const module = texts.get('module.js') ?? '';
  const size = gzipSync(module).length;
  const plugin = JSON.parse(readFileSync(join(directory, 'plugin.json'), 'utf8'));
  return [
    ...[...texts].flatMap(([name, text]) =>
      forbidden.filter(([pattern]) => pattern.test(text)).map(([, reason]) => `${name} ${reason}`)
    ),
    ...(module.startsWith('/*') || module.startsWith('define(') ? [] : ['module.js is not an AMD module']),
    ...(size <= moduleBytes ? [] : [`module.js has ${size} bytes with gzip; at most ${moduleBytes} are allowed`]),
    ...lazyMarks.flatMap((mark) => [
      ...(module.includes(mark) ? [`module.js contains an editor (${mark})`] : []),
      ...([...texts.values()].some((text) => text.includes(mark)) ? [] : [`no file contains the editor ${mark}`]),
    ]),
    ...pluginProblems(plugin),
  ];
}

/**
 * What packages, and folders of our own, take in `module.js`, heaviest first: bytes, and what it would be smaller by without
 * them with gzip. Several packages share texts, so that the latter add up to less than the whole.
 */
function bundleWeights(directory) {
  const parts = sourceParts(directory);
  const all = zipped(parts.map(({ text }) => text));
  const names = new Set(parts.map(({ name }) => name));
  return [...names]
    .map((name) => {
      const others = parts.filter((part) => part.name !== name).map(({ text }) => text);
      const own = parts.filter((part) => part.name === name);
      return { name, bytes: own.reduce((sum, { text }) => sum + text.length, 0), zipped: all - zipped(others) };
    })
    .sort((a, b) => b.zipped - a.zipped);
}

/** A table of the weights, with the whole in its first line. */
function weightsText(directory) {
  const rows = [
    { name: 'module.js', zipped: zipped([readFileSync(join(directory, 'module.js'), 'utf8')]) },
    ...bundleWeights(directory).filter(({ zipped: own }) => own >= 1000),
  ];
  return rows.map(({ name, zipped: own }) => `${(own / 1000).toFixed(1).padStart(7)} kB  ${name}`).join('\n');
}

const zipped = (texts) => gzipSync(texts.join('')).length;

/** The text of `module.js`, cut where the source map says that another source begins. */
function sourceParts(directory) {
  const lines = readFileSync(join(directory, 'module.js'), 'utf8').split('\n');
  const map = new TraceMap(readFileSync(join(directory, 'module.js.map'), 'utf8'));
  return decodedMappings(map).flatMap((segments, line) =>
    segments.map(([column, source], index) => ({
      name: ownerOf(source === undefined ? null : map.sources[source]),
      text: lines[line].slice(column, segments[index + 1]?.[0]),
    }))
  );
}

/** A package's name, a folder such as `core/hours`, or webpack for what it adds itself. */
function ownerOf(source) {
  const [, name] = /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(source ?? '') ?? [];
  const [, folder] = /\/\.\/((?:core\/)?[^/]+)\//.exec(source ?? '') ?? [];
  return name ?? folder ?? 'webpack';
}

function pluginProblems(plugin) {
  return [
    ...(plugin.id === 'oscar-metrics-datasource' ? [] : [`the plugin's id is ${plugin.id}`]),
    ...(plugin.metrics === true ? [] : ['without "metrics": true the data source does not show in pickers']),
    ...(plugin.annotations === true ? [] : ['without "annotations": true Grafana offers no annotation query']),
    ...('backend' in plugin ? ['the plugin has no back end'] : []),
  ];
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const directory = join(repositoryRoot, 'dist');
  const problems = bundleProblems(directory);
  console.log([weightsText(directory), ...problems].join('\n'));
  process.exitCode = problems.length > 0 ? 1 : 0;
}
