import { lastValueFrom } from 'rxjs';

import { dayMs } from '../../src/core/domain/duration';
import { exposedFamily, type LineFamily, requestFamily, suspectsExpr, suspicionLabel } from '../../src/core/expr/logql';
import { type LokiClient } from '../../src/core/upstream/loki';
import { cutForms } from '../../src/testing/cutForms';
import { ingressForms, managerForms as ownForms } from '../../src/testing/lineForms';
import { suspiciousForms, suspiciousTime } from '../../src/testing/suspiciousForms';
import { type LineForm } from '../../src/testing/wrappings';
import { seedLoki } from '../../stack/conformance/seed';
import { meaningsOf } from './support/lineMeanings';
import { lokiClientOf } from './support/lokiClient';
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
  client = lokiClientOf(url);
});

afterAll(() => scratch?.close());

async function readingsOf(family: LineFamily, lines: readonly LineForm[]) {
  const meanings = await meaningsOf(client, family, day);
  return lines.map(({ name }, index) => [name, meanings.get(index) ?? 'none']);
}

it('reads lines of the manager in each form', async () => {
  const family = requestFamily('{stream="manager"}', options);
  const found = await readingsOf(family, managerForms);
  expect(found).toEqual(managerForms.map(({ name, meaning }) => [name, meaning]));
});

it('reads lines of the ingress controller in each form', async () => {
  const family = exposedFamily('{stream="ingress"}', options);
  const found = await readingsOf(family, ingressForms);
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
    const found = await readingsOf(family, managerForms);
    expect(found).toEqual(expected(managerForms));
  });

  it('keeps the names in lines of the ingress controller', async () => {
    const family = exposedFamily('{stream="ingress"}', counting);
    const found = await readingsOf(family, ingressForms);
    expect(found).toEqual(expected(ingressForms));
  });
});
