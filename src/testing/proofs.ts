import { map } from 'rxjs';

import { type Transport } from '../core/upstream/transport';

type Params = Readonly<Record<string, string>>;

/** A transport to a fake that knows nothing of the proofs which queries ask for (upstream/proof.ts), with these in its answers. */
export function withProofs(transport: Transport): Transport {
  return (request) => {
    const { params } = request;
    const { query, prove } = seriesProof(params) ?? labelProof(params) ?? { query: params['query'] };
    if (!prove || query === undefined) {
      return transport(request);
    }
    return transport({ ...request, params: { ...params, query } }).pipe(map((body) => prove(body as Body)));
  };
}

interface Body {
  data: { result: object[] };
}

interface Proof {
  /** The query without what asks for the proof. */
  query?: string;
  prove?: (body: Body) => Body;
}

/** Of a metric query: a series of zeros, whose label tells the query. */
function seriesProof(params: Params): Proof | undefined {
  const parts = /^\(([^]*)\n\) or on \((\w+)\) label_replace\(vector\(0\), "\2", "([^"]*)", "", ""\)$/.exec(
    params['query'] ?? ''
  );
  if (!parts) {
    return undefined;
  }
  const [, query = '', label = '', digest = ''] = parts;
  return {
    query,
    prove: (body) => withResult(body, [...body.data.result, { metric: { [label]: digest }, ...zerosAt(params) }]),
  };
}

/** At one time or several ones: those of Prometheus in seconds, those of Loki in ns with a step in ms. */
function zerosAt({ time, start, end, step = '' }: Params): object {
  if (time !== undefined) {
    return { value: [Number(time), '0'] };
  }
  const isLoki = step.endsWith('ms');
  const [first, last] = [start, end].map((edge) => Number(edge) / (isLoki ? 1e9 : 1)) as [number, number];
  const stepSeconds = isLoki ? Number(step.replace('ms', '')) / 1000 : Number(step);
  const count = Math.floor((last - first) / stepSeconds + 1e-9) + 1;
  return { values: Array.from({ length: count }, (_, index) => [first + index * stepSeconds, '0']) };
}

/** Of a log query: a label of each stream. */
function labelProof(params: Params): Proof | undefined {
  const parts = /^([^]*) \| label_format (\w+)="([^"]*)"$/.exec(params['query'] ?? '');
  if (!parts) {
    return undefined;
  }
  const [, query = '', label = '', digest = ''] = parts;
  const labelled = (stream: object) => ({
    ...stream,
    stream: { ...(stream as { stream?: object }).stream, [label]: digest },
  });
  return { query, prove: (body) => withResult(body, body.data.result.map(labelled)) };
}

function withResult(body: Body, result: object[]): Body {
  return { ...body, data: { ...body.data, result } };
}
