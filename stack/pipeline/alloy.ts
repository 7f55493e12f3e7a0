import type { Pipeline, Stage, Template } from './stages';

/** Where the collector runs: as a DaemonSet of a cluster, or in docker-compose.yaml. */
export type AlloyPlace = 'cluster' | 'compose';

/** Environment variables that the configuration reads. */
const variables = { node: 'NODE_NAME', push: 'LOKI_PUSH_URL', salt: 'USER_SALT' } as const;
/** The country database beside Alloy's own state (deploy/alloy/country-database.sh), and a folder of log files. */
const places = {
  cluster: { database: '/var/lib/alloy/country.mmdb', logs: '' },
  compose: { database: '/traffic/state/country.mmdb', logs: '/traffic/logs' },
} as const;

/** The text of a configuration of Alloy that sends the lines of some pipelines to Loki. */
export function alloyText(pipelines: readonly Pipeline[], place: AlloyPlace): string {
  const parts = [
    header,
    ...(place === 'cluster' ? [discovery] : []),
    ...pipelines.flatMap((pipeline) => [
      place === 'cluster' ? podsOf(pipeline) : filesOf(pipeline),
      sourceOf(pipeline, place),
      processOf(pipeline, place),
    ]),
    write,
  ];
  return parts.join('\n');
}

const header = `// Made by "npm run deploy:generate" from stack/pipeline; "npm test" fails where it differs.
${block('logging', [
  ['level', 'warn'],
  ['format', 'logfmt'],
])}`;

const discovery = `// The pods of this node, so that each line is read once.
${block(
  'discovery.kubernetes "pods"',
  [['role', 'pod']],
  [
    block('selectors', [
      ['role', 'pod'],
      ['field', raw(`"spec.nodeName=" + sys.env("${variables.node}")`)],
    ]),
  ]
)}`;

function podsOf({ name, pods }: Pipeline): string {
  const label = `__meta_kubernetes_pod_label_${pods.label.replaceAll(/[^a-zA-Z0-9_]/g, '_')}`;
  const rules = [
    {
      source_labels: ['__meta_kubernetes_namespace', label],
      regex: `(?:${pods.namespace});(?:${pods.app})`,
      action: 'keep',
    },
    { source_labels: ['__meta_kubernetes_namespace'], target_label: 'namespace' },
    { source_labels: [label], target_label: 'app' },
    {
      source_labels: ['__meta_kubernetes_pod_uid', '__meta_kubernetes_pod_container_name'],
      separator: '/',
      replacement: '/var/log/pods/*$1/*.log',
      target_label: '__path__',
    },
  ];
  const blocks = rules.map((rule) => block('rule', Object.entries(rule)));
  return block(`discovery.relabel "${name}"`, [['targets', raw('discovery.kubernetes.pods.targets')]], blocks);
}

function filesOf({ name, pods }: Pipeline): string {
  const [namespace = '', app = ''] = [pods.namespace, pods.app].map((names) => names.split('|')[0] ?? '');
  const target = { __path__: `${places.compose.logs}/${name}.log`, namespace, app };
  return block(`local.file_match "${name}"`, [['path_targets', [target]]]);
}

/** Alloy holds its place in a file while the queue is full, and keeps it under its storage path. */
function sourceOf({ name }: Pipeline, place: AlloyPlace): string {
  const targets = place === 'cluster' ? `discovery.relabel.${name}.output` : `local.file_match.${name}.targets`;
  const attributes: Attribute[] = [
    ['targets', raw(targets)],
    ['forward_to', raw(`[loki.process.${name}.receiver]`)],
  ];
  return block(
    `loki.source.file "${name}"`,
    attributes,
    place === 'cluster' ? [block('file_match', [['enabled', true]])] : []
  );
}

function processOf({ name, stages }: Pipeline, place: AlloyPlace): string {
  return block(
    `loki.process "${name}"`,
    [['forward_to', raw('[loki.write.usage.receiver]')]],
    stages.map((one) => stageText(one, place))
  );
}

/** It tries for ever: what Loki does not take yet stays in the files of the node. */
const write = block(
  'loki.write "usage"',
  [],
  [
    block('endpoint', [
      ['url', raw(`sys.env("${variables.push}")`)],
      ['max_backoff_retries', 0],
      ['max_backoff_period', '30s'],
    ]),
  ]
);

function stageText(stage: Stage, place: AlloyPlace): string {
  if ('drop' in stage) {
    const { selector, reason } = stage.drop;
    return block('stage.match', [
      ['selector', selector],
      ['action', 'drop'],
      ['drop_counter_reason', reason],
    ]);
  }
  if ('match' in stage) {
    const { selector, stages } = stage.match;
    return block(
      'stage.match',
      [['selector', selector]],
      stages.map((one) => stageText(one, place))
    );
  }
  if ('labels' in stage || 'structured_metadata' in stage) {
    const [name, values] =
      'labels' in stage ? ['labels', stage.labels] : ['structured_metadata', stage.structured_metadata];
    return block(`stage.${name}`, [['values', Object.fromEntries(values.map((value) => [value, '']))]]);
  }
  if ('label_drop' in stage) {
    return block('stage.label_drop', [['values', stage.label_drop]]);
  }
  if ('replace' in stage) {
    const { expression, replace } = stage.replace;
    return block('stage.replace', [
      ['expression', expression],
      ['replace', raw(templateText(replace))],
    ]);
  }
  if ('geoip' in stage) {
    return block('stage.geoip', [
      ['db', places[place].database],
      ['source', stage.geoip.source],
      ['db_type', 'country'],
    ]);
  }
  const [[name, attributes]] = Object.entries(stage) as [[string, Record<string, string>]];
  return block(`stage.${name}`, Object.entries(attributes));
}

type Value = string | number | boolean | readonly Value[] | { [key: string]: Value } | Raw;
type Attribute = [name: string, value: Value | undefined];
interface Raw {
  readonly raw: string;
}

/** An expression of Alloy's. */
function raw(text: string): Raw {
  return { raw: text };
}

/** A block with its attributes aligned as \`alloy fmt\` aligns them, and blocks inside. */
function block(name: string, attributes: readonly Attribute[], blocks: readonly string[] = []): string {
  const width = Math.max(0, ...attributes.map(([attribute]) => attribute.length));
  const lines = attributes.map(([attribute, value]) => `${attribute.padEnd(width)} = ${textOf(value as Value)}`);
  const inner = [...(lines.length > 0 ? [lines.join('\n')] : []), ...blocks.map((one) => one.trimEnd())].join('\n\n');
  return inner === '' ? `${name} { }\n` : `${name} {\n${indented(inner)}\n}\n`;
}

function indented(text: string): string {
  return text
    .split('\n')
    .map((line) => (line === '' ? '' : `\t${line}`))
    .join('\n');
}

function textOf(value: Value): string {
  if (typeof value === 'string') {
    return quoted(value);
  }
  if (typeof value !== 'object') {
    return String(value);
  }
  if (Array.isArray(value)) {
    return `[${value.map(textOf).join(', ')}]`;
  }
  if ('raw' in value && typeof value.raw === 'string') {
    return value.raw;
  }
  return `{ ${Object.entries(value as Record<string, Value>)
    .map(([key, one]) => `${key} = ${textOf(one)}`)
    .join(', ')} }`;
}

/** A string in quotes that escape nothing, where it has much to escape. */
function quoted(text: string): string {
  return /[\\"]/.test(text) && !/[`\r\n]/.test(text) ? `\`${text}\`` : JSON.stringify(text);
}

function templateText(template: Template): string {
  return template.map(quoted).join(` + sys.env("${variables.salt}") + `);
}
