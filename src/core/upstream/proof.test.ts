import fc from 'fast-check';
import { firstValueFrom, of } from 'rxjs';

import { proofLabel, provenTransport } from './proof';
import { type TransportRequest } from './transport';

const times = { first: 2000, last: 6000, stepMs: 2000 };

const question = (query: string, from = 2): TransportRequest => ({
  uid: 'p',
  method: 'GET',
  path: 'api/v1/query_range',
  params: { query, start: String(from) },
  evaluatedAt: times,
});

type Series = { metric: Record<string, string>; values: Array<[number, string]> };
const matrix = (...result: Series[]) => ({ status: 'success', data: { resultType: 'matrix', result } });
const own: Series = { metric: { pod: 'a' }, values: [[4, '1']] };

/** The digest that the request carries. */
const digestOf = ({ params }: TransportRequest) =>
  new RegExp(`"${proofLabel}", "([a-z0-9]+)"`).exec(params['query'] ?? '')?.[1] ?? '';

/** An engine that answers with these series and the proof of the question that `asked` makes of the real one. */
function ask(
  request: TransportRequest,
  answer: (sent: TransportRequest, proof: Series) => unknown
): Promise<{ sent: TransportRequest; body: unknown }> {
  let sent = request;
  const transport = provenTransport((passed) => {
    sent = passed;
    const values: Series['values'] = [2, 4, 6].map((seconds) => [seconds, '0']);
    return of(answer(passed, { metric: { [proofLabel]: digestOf(passed) }, values }));
  });
  return firstValueFrom(transport(request)).then((body) => ({ sent, body }));
}

it('asks for the proof and takes it out of the answer', async () => {
  const { sent, body } = await ask(question('sum(x) # hours'), (_, proof) => matrix(own, proof));
  expect(sent.params['query']).toBe(
    `(sum(x) # hours\n) or on (${proofLabel}) label_replace(vector(0), "${proofLabel}", "${digestOf(sent)}", "", "")`
  );
  expect(sent.params['start']).toBe('2');
  expect(body).toEqual(matrix(own));
});

it('leaves a question as it is whose answer is compared with a count, and checks its times', async () => {
  const counted = { ...question('sum(x)'), provenByCount: true as const };
  const { sent, body } = await ask(counted, () => matrix(own));
  expect(sent.params['query']).toBe('sum(x)');
  expect(body).toEqual(matrix(own));
  await expect(ask(counted, () => matrix({ ...own, values: [[5, '1']] }))).rejects.toThrow('other times');
});

it('passes a true zero, which is proven too', async () => {
  expect((await ask(question('sum(x)'), (_, proof) => matrix(proof))).body).toEqual(matrix());
});

it.each([
  ['of another query', (proof: Series) => matrix({ ...proof, metric: { [proofLabel]: 'other' } })],
  ['without the proof', () => matrix(own)],
  ['without any series', () => matrix()],
  ['with the proofs of two answers', (proof: Series) => matrix(proof, proof)],
  ['of fewer times', (proof: Series) => matrix({ ...proof, values: proof.values.slice(1) })],
  ['with a sample of another time', (proof: Series) => matrix(proof, { ...own, values: [[5, '1']] })],
  ['with a sample before the range', (proof: Series) => matrix(proof, { ...own, values: [[0, '1']] })],
])('refuses an answer %s', async (name, answer) => {
  const kind = name === 'without any series' ? 'empty' : 'malformed';
  await expect(ask(question('sum(x)'), (__, proof) => answer(proof))).rejects.toMatchObject({ kind });
});

it('reads the time of a vector', async () => {
  const at = { ...question('x'), evaluatedAt: { first: 4000, last: 4000, stepMs: 1 } };
  const vector =
    (time: number) =>
    (_: TransportRequest, { metric }: Series) => ({
      status: 'success',
      data: { resultType: 'vector', result: [{ metric, value: [time, '0'] }] },
    });
  await expect(ask(at, vector(4))).resolves.toMatchObject({ body: { data: { result: [] } } });
  await expect(ask(at, vector(4.001))).rejects.toMatchObject({ kind: 'malformed' });
});

it.each([['<html>'], [undefined], [{ status: 'error', error: 'x' }], [{ status: 'success', data: null }]])(
  'leaves %p to the parser',
  async (body) => {
    expect((await ask(question('x'), () => body)).body).toEqual(body);
  }
);

describe('of lines', () => {
  const { evaluatedAt: _, ...log } = question('{a="b"} | keep x');
  const asked: TransportRequest = {
    ...log,
    params: { ...log.params, start: '1790000000000000001', end: '1790000000004000001' },
    countsLines: true,
  };
  const digestOfLabel = ({ params }: TransportRequest) =>
    new RegExp(`^\\{a="b"\\} \\| keep x \\| label_format ${proofLabel}="([a-z0-9]+)"$`).exec(
      params['query'] ?? ''
    )?.[1] ?? '';
  const streams = (...result: unknown[]) => ({ status: 'success', data: { resultType: 'streams', result } });
  const values = [
    ['1790000000000000001', 'a'],
    ['1790000000004000000', 'b'],
  ];

  it('is a label of each stream, which is taken from it', async () => {
    const { body } = await ask(asked, (sent) =>
      streams(
        { stream: { country: 'ES', [proofLabel]: digestOfLabel(sent) }, values },
        { stream: { [proofLabel]: digestOfLabel(sent) }, values: [] }
      )
    );
    expect(body).toEqual(streams({ stream: { country: 'ES' }, values }, { stream: {}, values: [] }));
  });

  it.each([
    ['of another query', () => ({ stream: { [proofLabel]: 'other' }, values })],
    ['without the label', () => ({ stream: { country: 'ES' }, values })],
    ['without labels', () => ({ values })],
    ['without values', (digest: string) => ({ stream: { [proofLabel]: digest } })],
    [
      'before the range',
      (digest: string) => ({ stream: { [proofLabel]: digest }, values: [['1790000000000000000', 'a']] }),
    ],
    [
      'after the range',
      (digest: string) => ({ stream: { [proofLabel]: digest }, values: [['1790000000004000001', 'a']] }),
    ],
    ['without text', (digest: string) => ({ stream: { [proofLabel]: digest }, values: [['1790000000000000001']] })],
    [
      'of no number',
      (digest: string) => ({ stream: { [proofLabel]: digest }, values: [['179000000000000000x', 'a']] }),
    ],
    ['of no time', (digest: string) => ({ stream: { [proofLabel]: digest }, values: [['2', 'a']] })],
  ])('refuses streams %s', async (__, stream) => {
    const good = (digest: string) => ({ stream: { [proofLabel]: digest }, values });
    const answer = (sent: TransportRequest) => streams(good(digestOfLabel(sent)), stream(digestOfLabel(sent)));
    await expect(ask(asked, answer)).rejects.toMatchObject({ kind: 'malformed' });
  });
});

it('leaves questions that are no metric queries as they are', async () => {
  const request = { uid: 'l', method: 'GET' as const, path: 'loki/api/v1/series', params: { 'match[]': '{a="b"}' } };
  const { sent, body } = await ask(request, () => ({ status: 'success', data: [] }));
  expect(sent).toBe(request);
  expect(body).toEqual({ status: 'success', data: [] });
});

it('gives different questions different digests, and the same question the same', async () => {
  const digest = async (query: string, from: number) =>
    digestOf((await ask(question(query, from), (_, proof) => matrix(proof))).sent);
  await fc.assert(
    fc.asyncProperty(fc.string(), fc.string(), fc.nat(), fc.nat(), async (query, other, from, otherFrom) => {
      const same = query === other && from === otherFrom;
      expect((await digest(query, from)) === (await digest(other, otherFrom))).toBe(same);
      expect(await digest(query, from)).toMatch(/^[a-z0-9]+$/);
    })
  );
});
