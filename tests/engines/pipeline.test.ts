import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { exposedFamily, requestFamily } from '../../src/core/expr/logql';
import { type LokiClient } from '../../src/core/upstream/loki';
import { cutForms } from '../../src/testing/cutForms';
import { ingressForms, managerForms } from '../../src/testing/lineForms';
import { suspiciousForms } from '../../src/testing/suspiciousForms';
import { type LineForm } from '../../src/testing/wrappings';
import { type Engine } from '../../stack/engines';
import { countryDatabase } from '../../stack/pipeline/mmdb';
import { ingressPipeline, managerPipeline, signOfLife } from '../../stack/pipeline/pipelines';
import { type Pipeline } from '../../stack/pipeline/stages';
import { readLines, type ReadLine, receivedLines, storeLines } from './support/collectedLines';
import { type CollectedFile, killCollectors, startCollector } from './support/collector';
import { meaningsOf } from './support/lineMeanings';
import { lokiClientOf } from './support/lokiClient';
import { openLoki, openScratch, type Scratch } from './support/scratch';

// Lines of every form on their way through the stages of deploy/, in the place of Alloy (stack/engines/collector).
const options = { namespacePrefix: 'oscar-svc', rejected: 'separate' } as const;
const day = Date.parse('2026-06-15T00:00:00Z');
const salt = 'pepper-and-salt-0123';
const pipelines = [false, true].map((isPrivate) => ({
  manager: managerPipeline({ servicesNamespace: 'oscar-svc', isPrivate }),
  ingress: ingressPipeline({ servicesNamespace: 'oscar-svc', isPrivate }),
}));
const [open, hidden] = pipelines as [(typeof pipelines)[0], (typeof pipelines)[0]];

/** Forms as a container runtime can write them: an entry holds no line feed. */
const asEntries = (forms: readonly LineForm[]) =>
  forms
    .map((form) => ({ ...form, line: form.line.replace(/[\r\n]+$/, '') }))
    .filter(({ line }) => !line.includes('\n'));
const named = (lines: Readonly<Record<string, string>>): LineForm[] =>
  Object.entries(lines).map(([name, line]) => ({ name, line, meaning: '' }));

const request = (call: string, client = '192.0.2.7', status = 200) =>
  `[GIN-EXECUTIONS-LOGGER] 2026-06-15T10:02:00Z | ${status} |   12.345678ms | ${client} | ${call}`;
const probe = '[GIN] 2026/06/15 - 10:05:07 | 200 | 34.5µs | 10.42.0.1 | GET      "/health"';
const access = (target: string, client = '192.0.2.10') =>
  `${client} - - [15/Jun/2026:10:00:00 +0000] "GET ${target} HTTP/1.1" 200 17 "https://x/?token=t1" "curl" 109 0.003 [oscar-svc-x-svc-80] [] 203.0.113.9:80 17 0.002 200 0123`;

const sets = {
  manager: asEntries([...managerForms, ...cutForms]),
  ingress: asEntries(ingressForms),
  suspicious: asEntries(suspiciousForms.map(({ name, line }) => ({ name, line, meaning: '' }))),
  callers: named({
    v4: request('POST    /job/a | u'),
    v6: request('POST    /job/a | u', '2001:db8::1'),
    'v6 with a port': request('POST    /job/a | u', '[2001:db8::1]:4711'),
    'v4 with a port': request('POST    /job/a | u', '192.0.2.7:4711'),
    'inside the cluster': request('POST    /job/a | u', '10.42.0.9'),
    'no address': request('POST    /job/a | u', 'somewhere'),
    'an address in the path': request('POST    /job/a/192.0.2.7 | 192.0.2.7', '10.42.0.9'),
  }),
  clients: named({
    nginx: access('/system/services/s/exposed'),
    'nginx, v6': access('/system/services/s/exposed', '2001:db8::1'),
    Traefik: JSON.stringify({
      ClientAddr: '192.0.2.7:1',
      ClientHost: '192.0.2.7',
      ClientUsername: 'me',
      RequestPath: '/system/services/s/exposed',
      DownstreamStatus: 200,
    }),
    'a forged client': JSON.stringify({
      ClientHost: '10.42.0.9',
      RequestPath: '/system/services/s/exposed?"ClientHost":"192.0.2.7"',
      DownstreamStatus: 200,
    }),
  }),
  queries: named({
    nginx: access('/system/services/s/exposed?token=t2'),
    'quotes in it': access('/system/services/s/exposed?a="b"&token=t3'),
    Traefik: JSON.stringify({ RequestPath: '/system/services/s/exposed?a="b c"&token=t4', DownstreamStatus: 200 }),
    'nginx as JSON': JSON.stringify({ request: 'GET /system/services/s/exposed?x=\\&token=t5 HTTP/1.1', status: 200 }),
  }),
  users: named({
    six: request('POST    /job/a | alice@example.org'),
    eight: request('POST    /run/p | alice@example.org | s | oscar-svc-x'),
    'empty fields': request('POST    /run/p | alice@example.org |  | '),
    'a bar in it': request('POST    /job/a | x | alice@example.org'),
    technical: request('POST    /job/a | nil'),
    basic: request('POST    /job/a | oscar'),
    none: request('POST    /job/a | '),
    unknown: request('POST    /job/a | somebody'),
    cut: request('POST    /job/a'),
    'another form': '[GIN-EXECUTIONS-LOGGER] 2026-06-15T10:00:00Z 200 POST /job/a alice@example.org',
    'no time': '[GIN-EXECUTIONS-LOGGER] alice@example.org POST ',
  }),
};
type SetName = keyof typeof sets;

let scratch: Scratch;
let loki: Engine;
let client: LokiClient;
let read: Map<string, ReadLine[]>;

const entry = (line: string, index: number, minute = '02:00') =>
  `2026-06-15T10:${minute}.${String(index).padStart(9, '0')}Z stderr F ${line}\n`;

/** Each line is a file of its own, so that its stream tells which one it was. */
function filesOf(set: string, pipeline: Pipeline, texts: readonly string[]): CollectedFile[] {
  return texts.map((text, form) => {
    const path = join(scratch.directory, `${set}-${form}.log`);
    writeFileSync(path, text);
    return {
      path,
      pipeline,
      labels: { app: pipeline.name === 'manager' ? 'oscar' : 'traefik', set, form: String(form) },
    };
  });
}

const filesOfSet = (set: SetName, pipeline: Pipeline, name: string = set) =>
  filesOf(
    name,
    pipeline,
    sets[set].map(({ line }, index) => entry(line, index))
  );

beforeAll(async () => {
  scratch = await openScratch();
  loki = await openLoki(scratch.directory, { max_query_series: 2000 });
  client = lokiClientOf(loki.url);
  const database = join(scratch.directory, 'country.mmdb');
  writeFileSync(
    database,
    countryDatabase(
      [
        ['192.0.2.0/24', 'ES'],
        ['2001:db8::/32', 'PT'],
      ],
      new Date(day)
    )
  );
  const life = [...'0123456789'].map((minute, index) => entry(probe, index, `0${minute}:07`));
  const files = [
    ...(['manager', 'suspicious', 'callers'] as const).flatMap((set) => filesOfSet(set, open.manager)),
    ...(['ingress', 'clients', 'queries'] as const).flatMap((set) => filesOfSet(set, open.ingress)),
    ...filesOf('probes', open.manager, [life.join('')]),
    ...filesOf('others', open.ingress, [
      ['03:00', '05:07', '05:21', '10:19', '10:20']
        .map((minute, index) => entry(access('/else?a=b').replace('oscar-svc', 'web'), index, minute))
        .join(''),
    ]),
    ...filesOf('parts', open.manager, [
      `2026-06-15T10:02:00.000000001Z stderr P ${request('POST    /job/a').slice(0, 40)}\n` +
        `2026-06-15T10:02:00.000000002Z stderr F ${request('POST    /job/a | u').slice(40)}\n`,
    ]),
  ];
  const secret = [
    ...filesOfSet('users', hidden.manager),
    ...filesOfSet('callers', hidden.manager, 'hidden callers'),
    ...filesOfSet('clients', hidden.ingress, 'hidden clients'),
  ];
  const running = [files, secret].map(async (group, index) => {
    const directory = join(scratch.directory, `collector-${index}`);
    const collector = await startCollector({ directory, lokiUrl: loki.url, files: group, database, salt });
    await collector.atEnd();
    await collector.stop();
    expect(collector.output()).toBe('running\n');
  });
  await Promise.all(running);
  await storeLines(loki.url, '{set=~".+"}', day, await receivedLines(loki.url));
  read = new Map();
  for (const line of await readLines(loki.url, '{set=~".+"}', day)) {
    const key = line.labels['set'] ?? '';
    read.set(key, [...(read.get(key) ?? []), line]);
  }
});

afterAll(async () => {
  killCollectors();
  await scratch?.close();
});

/** What is left of each line of a set, by its name. */
function linesBy(set: SetName, name: string = set): Record<string, ReadLine | undefined> {
  const lines = read.get(name) ?? [];
  return Object.fromEntries(
    sets[set].map((form, index) => [form.name, lines.find(({ labels }) => labels['form'] === String(index))])
  );
}
const gone = (set: SetName) => Object.entries(linesBy(set)).flatMap(([name, line]) => (line ? [] : [name]));
const countries = (set: SetName, name?: string) =>
  Object.fromEntries(
    Object.entries(linesBy(set, name)).map(([form, line]) => [form, line?.labels['geoip_country_code'] ?? ''])
  );

it.each([
  ['manager', requestFamily('{set="manager"}', options)],
  ['ingress', exposedFamily('{set="ingress"}', options)],
] as const)('keeps the meaning of each line: %s', async (set, family) => {
  const meanings = await meaningsOf(client, family, day);
  expect(sets[set].map(({ name }, index) => [name, meanings.get(index) ?? 'none'])).toEqual(
    sets[set].map(({ name, meaning }) => [name, meaning])
  );
});

it('drops lines that describe no request, and nothing else', () => {
  const means = (set: SetName) => new Map(sets[set].map(({ name, meaning }) => [name, meaning]));
  expect(gone('manager').filter((name) => means('manager').get(name) !== 'none')).toEqual([]);
  expect(gone('ingress').filter((name) => means('ingress').get(name) !== 'none')).toEqual([]);
  expect(gone('manager')).toEqual(expect.arrayContaining(["Gin's own line, bare", 'another method about POST']));
  expect(gone('ingress')).toEqual(expect.arrayContaining(['a message of nginx, bare', 'another service']));
});

it('keeps each line that is suspicious', () => {
  const suspected = new Map(suspiciousForms.map(({ name, suspicion }) => [name, suspicion]));
  expect(gone('suspicious').filter((name) => suspected.get(name) !== 'none')).toEqual([]);
});

it('keeps a probe every five minutes, by its own time, as a sign of life', () => {
  expect((read.get('probes') ?? []).map(({ time }) => time.slice(0, -9)).sort()).toEqual(
    ['10:00:07', '10:05:07'].map((time) => String(Date.parse(`2026-06-15T${time}Z`) / 1000))
  );
});

it('keeps of other lines of the ingress controller the time alone, now and then', () => {
  expect((read.get('others') ?? []).map(({ line }) => line)).toEqual([signOfLife, signOfLife]);
});

it('puts a line together that the runtime cut', () => {
  expect((read.get('parts') ?? []).map(({ line }) => line)).toEqual([request('POST    /job/a | u')]);
});

it('has no labels but those of the target', () => {
  const own = ['app', 'set', 'form', 'geoip_country_code'];
  // Loki adds these.
  const added = ['service_name', 'detected_level'];
  const names = new Set([...read.values()].flat().flatMap(({ labels }) => Object.keys(labels)));
  expect([...names].filter((name) => ![...own, ...added, 'auth_method'].includes(name))).toEqual([]);
});

it('knows the country of each caller by its code', () => {
  const expected = {
    v4: 'ES',
    v6: 'PT',
    'v6 with a port': 'PT',
    'v4 with a port': 'ES',
    'inside the cluster': '',
    'no address': '',
    'an address in the path': '',
  };
  expect(countries('callers')).toEqual(expected);
  expect(countries('callers', 'hidden callers')).toEqual(expected);
  const clients = { nginx: 'ES', 'nginx, v6': 'PT', Traefik: 'ES', 'a forged client': '' };
  expect(countries('clients')).toEqual(clients);
  expect(countries('clients', 'hidden clients')).toEqual(clients);
});

it('keeps no query', () => {
  const all = [...read.values()].flat().filter(({ labels }) => labels['app'] === 'traefik');
  expect(all.length).toBeGreaterThan(100);
  expect(all.filter(({ line }) => /token|\?/.test(line))).toEqual([]);
});

describe('with hashes', () => {
  const hash = (text: string) =>
    createHash('sha256')
      .update(salt + text)
      .digest('hex');

  it('replaces users, and says how they signed in', () => {
    const lines = linesBy('users');
    const tail = (name: string) => [
      lines[name]?.line.split(' | ').slice(4).join(' | '),
      lines[name]?.labels['auth_method'],
    ];
    const alice = `user-${hash('alice@example.org')}`;
    expect(tail('six')).toEqual([`POST    /job/a | ${alice}`, 'oidc']);
    expect(tail('eight')).toEqual([`POST    /run/p | ${alice} | s | oscar-svc-x`, 'oidc']);
    expect(tail('empty fields')).toEqual([`POST    /run/p | ${alice} |  | `, 'oidc']);
    expect(tail('a bar in it')).toEqual([`POST    /job/a | x | ${alice}`, 'oidc']);
    expect(tail('technical')).toEqual(['POST    /job/a | nil', 'service_token']);
    expect(tail('basic')).toEqual(['POST    /job/a | oscar', undefined]);
    expect(tail('none')).toEqual(['POST    /job/a | ', undefined]);
    expect(tail('unknown')).toEqual([`POST    /job/a | user-${hash('somebody')}`, undefined]);
    expect(tail('cut')).toEqual(['POST    /job/a', undefined]);
  });

  it('leaves nothing of a line of another form, and has it flagged', async () => {
    const lines = linesBy('users');
    expect(lines['another form']?.line).toBe('[GIN-EXECUTIONS-LOGGER] 2026-06-15T (hidden) POST');
    expect(lines['no time']?.line).toBe('[GIN-EXECUTIONS-LOGGER] (hidden) POST');
    const meanings = await meaningsOf(client, requestFamily('{set="users"}', options), day);
    expect(meanings.get(sets.users.findIndex(({ name }) => name === 'another form'))).toBe('unknown');
  });

  it('replaces addresses, after the country is known', () => {
    const callers = linesBy('callers', 'hidden callers');
    expect(callers['v4']?.line).toBe(request(`POST    /job/a | user-${hash('u')}`, hash('192.0.2.7')));
    expect(callers['v6 with a port']?.line).toContain(hash('2001:db8::1'));
    const clients = linesBy('clients', 'hidden clients');
    expect(clients['nginx']?.line).toBe(
      access('/system/services/s/exposed', hash('192.0.2.10')).replace('?token=t1', '')
    );
    const text = [...Object.values(callers), ...Object.values(clients)].map((line) => line?.line).join('\n');
    expect(text).not.toMatch(/2001:db8|192\.0\.2\.(?!7 \| user)/);
    expect(clients['Traefik']?.line).not.toMatch(/192|"me"/);
  });
});
