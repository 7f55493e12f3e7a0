import { from, lastValueFrom, map } from 'rxjs';

import { dayMs } from '../../src/core/domain/duration';
import { parseExposed, unreadText } from '../../src/core/domain/exposedLine';
import { anyRejected, cutText, parseRequest } from '../../src/core/domain/requestLine';
import {
  countExpr,
  exposedFamily,
  type LineFamily,
  requestFamily,
  suspectsExpr,
  suspicionLabel,
} from '../../src/core/expr/logql';
import { LokiClient } from '../../src/core/upstream/loki';
import { type TransportRequest } from '../../src/core/upstream/transport';
import { cutForms } from '../../src/testing/cutForms';
import { ingressForms, managerForms as ownForms } from '../../src/testing/lineForms';
import { suspiciousForms, suspiciousTime } from '../../src/testing/suspiciousForms';
import { type LineForm } from '../../src/testing/wrappings';
import { seedLoki } from '../../stack/conformance/seed';
import { openLoki, openScratch, type Scratch } from './support/scratch';

const options = { namespacePrefix: 'oscar-svc', rejected: 'separate' } as const;
const managerForms = [...ownForms, ...cutForms];
const day = Date.parse('2026-06-15T00:00:00Z');

let scratch: Scratch;
let client: LokiClient;

/** Lines of one time, each a stream of its own. */
const suspicious = suspiciousForms.map(({ line }, index) => ({
  stream: { stream: 'suspicious', form: String(index), oscar_case: 'forms-1' },
  values: [[String(BigInt(Date.parse(suspiciousTime)) * 1_000_000n), line]] as Array<[string, string]>,
}));

const numbered = (lines: readonly LineForm[], stream: string) =>
  lines.map(({ line }, index) => ({
    stream: { stream, form: String(index), oscar_case: 'forms-1' },
    values: [[`${day + index + 1}000000`, line]] as Array<[string, string]>,
  }));

beforeAll(async () => {
  scratch = await openScratch();
  const { url } = await openLoki(scratch.directory, { max_query_series: 1000 });
  const forms = [...numbered(managerForms, 'manager'), ...numbered(ingressForms, 'ingress'), ...suspicious];
  await seedLoki(url, forms, 'forms');
  const transport = ({ path, params }: TransportRequest) =>
    from(
      fetch(`${url}/${path}?${new URLSearchParams(params)}`).then(async (response) => {
        const text = await response.text();
        if (!response.ok) {
          throw new Error(text);
        }
        return JSON.parse(text) as unknown;
      })
    );
  client = new LokiClient(transport, 'loki');
});

afterAll(() => scratch?.close());

/** Meaning of each line by its number, as Loki extracts and the family's parser reads it; `none` where Loki gives nothing. */
async function meaningsOf(family: LineFamily, parse: (text: string) => unknown, lines: readonly LineForm[]) {
  const expr = countExpr({ ...family, groupBy: ['form', ...family.groupBy] }, dayMs, 1);
  const series = await lastValueFrom(
    client.counts(expr, day + dayMs, day + dayMs, 1).pipe(map((counts) => counts.series))
  );
  const byForm = new Map(series.map(({ labels }) => [labels['form'], family.textOf(labels)]));
  return lines.map(({ name }, index) => {
    const text = byForm.get(String(index));
    return [
      name,
      text === undefined
        ? 'none'
        : text === ''
          ? 'unknown'
          : [unreadText, cutText].includes(text)
            ? text
            : wordsOf(parse(text)),
    ];
  });
}

function wordsOf(request: unknown): string {
  if (request === anyRejected) {
    return 'rejected';
  }
  const { type, service, user, outcome } = (request ?? {}) as Record<string, string>;
  return request === undefined ? 'none' : [type, service, user, outcome].join(' ');
}

it('reads lines of the manager in each form', async () => {
  const family = requestFamily('{stream="manager"}', options);
  const found = await meaningsOf(family, (text) => parseRequest(text, 'oscar-svc'), managerForms);
  expect(found).toEqual(managerForms.map(({ name, meaning }) => [name, meaning]));
});

it('reads lines of the ingress controller in each form', async () => {
  const family = exposedFamily('{stream="ingress"}', options);
  const found = await meaningsOf(family, (text) => parseExposed(text, 'oscar-svc'), ingressForms);
  expect(found).toEqual(ingressForms.map(({ name, meaning }) => [name, meaning]));
});

it('suspects lines of the manager in each form', async () => {
  const { suspects, ...family } = requestFamily('{stream="suspicious"}', options);
  const expr = suspectsExpr({ ...family, suspects: suspects ?? '' }, dayMs, 1);
  const byForm = expr.replace(`by (${suspicionLabel})`, `by (form, ${suspicionLabel})`);
  const { series } = await lastValueFrom(client.counts(byForm, day + dayMs, day + dayMs, 1));
  const found = new Map(series.map(({ labels }) => [Number(labels['form']), labels[suspicionLabel]]));
  expect(suspiciousForms.map(({ name }, index) => [name, found.get(index) ?? 'none'])).toEqual(
    suspiciousForms.map(({ name, suspicion }) => [name, suspicion])
  );
});

describe('where rejected requests count as all others', () => {
  const counting = { ...options, rejected: 'count' } as const;
  const named = /^(?:async|sync|exposed) (?:a|ghost|s) .*rejected$/;
  const expected = (lines: readonly LineForm[]) =>
    lines.map(({ name, meaning }) => [
      name,
      meaning === 'rejected' ? (expect.stringMatching(named) as string) : meaning,
    ]);

  it('keeps the names in lines of the manager', async () => {
    const family = requestFamily('{stream="manager"}', counting);
    const found = await meaningsOf(family, (text) => parseRequest(text, 'oscar-svc'), managerForms);
    expect(found).toEqual(expected(managerForms));
  });

  it('keeps the names in lines of the ingress controller', async () => {
    const family = exposedFamily('{stream="ingress"}', counting);
    const found = await meaningsOf(family, (text) => parseExposed(text, 'oscar-svc'), ingressForms);
    expect(found).toEqual(expected(ingressForms));
  });
});
