// What the built plugin must and must not hold.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

/** What every dashboard loads; the editors come on top when one is opened. */
const moduleBytes = 150_000;

/** Text that no file may hold, and why. */
const forbidden = [
  [/react\/jsx-(?:dev-)?runtime/, 'needs the JSX runtime, which Grafana 12 does not have'],
  [/\beval\(|\bnew Function\(/, 'uses eval, which a content security policy forbids'],
  [/\.defaultProps\b|findDOMNode|unmountComponentAtNode/, 'uses what React 19 has removed'],
];

/** Test ids of the editors: they stand in files of their own, not in the one that every dashboard loads. */
const lazyMarks = ['oscar-query-editor', 'oscar-config-editor', 'oscar-query-help'];

/** Sentences that say what is wrong with the plugin built into `directory`; empty when nothing is. */
export function bundleProblems(directory) {
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

function pluginProblems(plugin) {
  return [
    ...(plugin.id === 'oscar-metrics-datasource' ? [] : [`the plugin's id is ${plugin.id}`]),
    ...(plugin.metrics === true ? [] : ['without "metrics": true the data source does not show in pickers']),
    ...(plugin.annotations === true ? [] : ['without "annotations": true Grafana offers no annotation query']),
    ...('backend' in plugin ? ['the plugin has no back end'] : []),
  ];
}
