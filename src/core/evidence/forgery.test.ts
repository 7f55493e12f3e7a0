import { defer, lastValueFrom, type Observable, of } from 'rxjs';

import { epoch } from '../../testing/arbitraries';
import { lineOptions } from '../../testing/lineOptions';
import { dayMs, hourMs } from '../domain/duration';
import { suspicions } from '../domain/suspiciousLine';
import { exposedFamily, requestFamily } from '../expr/logql';
import { KeyTable } from '../requests/keyTable';
import { UpstreamError } from '../upstream/errors';
import { LokiClient } from '../upstream/loki';
import { type TransportRequest } from '../upstream/transport';
import { type ForgeryQuestion, ForgeryWitness } from './forgery';

const days = 10;
const span = { start: epoch, end: epoch + days * dayMs };
const dayOf = (day: number) => ({ start: epoch + day * dayMs, end: epoch + (day + 1) * dayMs });
const noon = (day: number) => epoch + day * dayMs + 12 * hourMs;
const ingressSelector = '{app="ingress"}';

type Kind = 'cut' | 'time' | 'service' | 'call' | 'foreign';
type Known = ReadonlyArray<readonly [time: number, kind: Kind]>;

/** What a query counts of lines of known kinds, by the labels of its series. */
function seriesOf(query: string): Array<{ metric: Record<string, string>; kinds: readonly Kind[] }> {
  if (query.startsWith('sum by (oscar_suspicion)')) {
    return suspicions.map((kind) => ({ metric: { oscar_suspicion: kind }, kinds: [kind] }));
  }
  return [{ metric: {}, kinds: query.startsWith(`sum(count_over_time(${ingressSelector}`) ? ['call'] : ['foreign'] }];
}

function answer({ params }: TransportRequest, lines: Known, { warnings, maxLengthMs = Infinity }: Scene): unknown {
  const { query = '', start = '', end = '', step = '' } = params;
  const [, range = '0', offset = '0'] = /\[(\d+)ms\](?: offset (\d+)ms)?/.exec(query) ?? [];
  if ((Number(end) - Number(start)) / 1e6 + Number(range) > maxLengthMs) {
    throw new UpstreamError('size-limit', 'the query would read too many bytes', 400);
  }
  const result = seriesOf(query).map(({ metric, kinds }) => {
    const values: Array<[number, string]> = [];
    for (let time = Number(start) / 1e6; time <= Number(end) / 1e6; time += Number(step.replace('ms', ''))) {
      const until = time - Number(offset);
      const inside = lines.filter(([at, kind]) => at > until - Number(range) && at <= until && kinds.includes(kind));
      values.push([time / 1000, String(inside.length)]);
    }
    return { metric, values: values.filter(([, count]) => count !== '0') };
  });
  return { status: 'success', ...(warnings && { warnings }), data: { resultType: 'matrix', result } };
}

interface Scene extends Partial<ForgeryQuestion> {
  lines?: Known;
  /** Requests from a public address on each of these days. */
  busy?: readonly number[];
  warnings?: string[];
  /** More time is refused. */
  maxLengthMs?: number;
  /** The witness's clock, and how far each answer moves it (ms). Absent: nothing is shared. */
  clock?: { now: number; answerMs: number };
}

function witnessOf(scene: Scene) {
  const { lines = [], busy = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9], warnings: _, maxLengthMs: __, clock, ...question } = scene;
  const asked: Array<TransportRequest['params']> = [];
  const transport = (request: TransportRequest): Observable<unknown> => {
    asked.push(request.params);
    if (clock) {
      clock.now += clock.answerMs;
    }
    return defer(() => of(answer(request, lines, scene)));
  };
  const table = new KeyTable(() => undefined, 'auth_method');
  const id = table.intern({ type: 'async', service: 'a', user: 'u', country: 'ES', auth: '', outcome: 'succeeded' });
  const cells = Array.from({ length: days }, (_, day) => ({
    ...dayOf(day),
    ids: busy.includes(day) ? Uint32Array.of(id) : new Uint32Array(),
    counts: busy.includes(day) ? Uint32Array.of(2) : new Uint32Array(),
    unparsed: 0,
  }));
  const now = span.end + 30 * dayMs;
  let always = 0;
  const witness = new ForgeryWitness(() => (clock ? clock.now : (always += hourMs)));
  const client = new LokiClient(transport, 'loki');
  const whole: ForgeryQuestion = {
    family: requestFamily('{app="oscar"}', lineOptions),
    view: { span, cells, missing: [], table },
    zone: 'utc',
    now,
    settleDelayMs: hourMs,
    ingressSelector: '',
    readAgain: false,
    ...question,
  };
  const ask = (more: Partial<ForgeryQuestion> = {}) =>
    lastValueFrom(witness.ask(client, { ...whole, ...more }, 721 * hourMs));
  return { asked, ask, witness, client, whole };
}

it('asks once where nothing is suspicious, and not again', async () => {
  const { asked, ask } = witnessOf({ busy: [0, 1, 2, 3, 4] });
  expect(await ask()).toMatchObject({ suspects: {}, bursts: [] });
  await ask();
  expect(asked).toHaveLength(1);
  expect(asked[0]?.['query']).toContain('[86400000ms]');
});

it('tells the suspicions of the days that have some, and keeps them', async () => {
  const lines: Known = [
    [noon(1), 'cut'],
    [noon(4), 'time'],
    [noon(4), 'time'],
    [noon(5), 'time'],
    [noon(9), 'service'],
  ];
  const { asked, ask } = witnessOf({ lines });
  const found = {
    cut: { lines: 1, days: [dayOf(1)] },
    time: { lines: 3, days: [dayOf(4), dayOf(5)] },
    service: { lines: 1, days: [dayOf(9)] },
  };
  expect((await ask()).suspects).toEqual(found);
  expect(asked).toHaveLength(1);
  expect((await ask()).suspects).toEqual(found);
  expect(asked).toHaveLength(1);
  await ask({ readAgain: true });
  expect(asked).toHaveLength(2);
});

it('counts no line of a day that lies outside of the range', async () => {
  const lines: Known = [
    [noon(0), 'cut'],
    [noon(9), 'cut'],
  ];
  const { ask, whole } = witnessOf({ lines });
  const part = { start: noon(0) + 1, end: noon(9) + 1 };
  expect((await ask({ view: { ...whole.view, span: part } })).suspects.cut).toEqual({
    lines: 1,
    days: [{ start: dayOf(9).start, end: part.end }],
  });
});

it('asks about an open day again', async () => {
  const { asked, ask } = witnessOf({ now: noon(9) });
  await ask();
  await ask({ now: noon(9) + hourMs });
  const evaluations = asked.map(({ start, end }) => (Number(end) - Number(start)) / 1e6 / dayMs + 1);
  expect(evaluations).toEqual([10, 1]);
});

it('looks of an open day only at what may have changed, as long as it was clean before', async () => {
  const lengthsOf = (asked: ReadonlyArray<Readonly<Record<string, string>>>) =>
    asked.map(({ query = '' }) => Number(/\[(\d+)ms\]/.exec(query)?.[1]) / hourMs);
  const clean = witnessOf({ now: noon(9), busy: [9] });
  await clean.ask();
  await clean.ask({ now: noon(9) + 1 });
  await clean.ask({ now: noon(9) + 2 * hourMs });
  await clean.ask({ now: noon(9) + 2 * hourMs, readAgain: true });
  // From the last full hour in which lines can no longer arrive to the end of the day.
  expect(lengthsOf(clean.asked)).toEqual([24, 13, 13, 24]);
  const found = { cut: { lines: 1, days: [dayOf(9)] } };
  const dirty = witnessOf({ now: noon(9), busy: [9], lines: [[noon(9) - 5 * hourMs, 'cut']] });
  expect((await dirty.ask()).suspects).toEqual(found);
  expect((await dirty.ask({ now: noon(9) + 1 })).suspects).toEqual(found);
  expect(lengthsOf(dirty.asked)).toEqual([24, 24]);
});

it('finds what is new on an open day that was clean', async () => {
  const lines: Array<[number, Kind]> = [];
  const { ask } = witnessOf({ now: noon(9), busy: [9], lines });
  expect((await ask()).suspects).toEqual({});
  lines.push([noon(9), 'time']);
  expect((await ask({ now: noon(9) + 60_000 })).suspects.time?.lines).toBe(1);
  // What is dirty is looked at from where it was clean.
  expect((await ask({ now: noon(9) + 5 * hourMs })).suspects.time?.lines).toBe(1);
});

it('keeps what is known of an open day while Loki takes its time to tell of another', async () => {
  const clock = { now: 0, answerMs: 0 };
  const open = { now: span.end, settleDelayMs: 3 * dayMs, lines: [[noon(9), 'foreign']] as Known, busy: [], clock };
  const { witness, client, whole } = witnessOf(open);
  const foreign = (on: number[]) => lastValueFrom(witness.foreign(client, whole, on.map(dayOf), 721 * hourMs));
  const found = { lines: 1, days: [dayOf(9)] };
  expect(await foreign([9])).toEqual(found);
  clock.answerMs = 60_000;
  expect(await foreign([8, 9])).toEqual(found);
});

it('errors where Loki says that it did not look at everything', async () => {
  await expect(witnessOf({ warnings: ['partial'] }).ask()).rejects.toThrow(/may be incomplete: partial/);
});

it.each([3 * dayMs, dayMs, 5 * hourMs, 90_000])(
  'asks less at a time where Loki refuses more than %p ms',
  async (maxLengthMs) => {
    const lines: Known = [
      [dayOf(4).start, 'cut'],
      [noon(4), 'cut'],
      [dayOf(6).end, 'cut'],
    ];
    const { ask } = witnessOf({ lines, maxLengthMs, busy: [4, 5, 6] });
    expect((await ask()).suspects.cut).toEqual({ lines: 2, days: [dayOf(4)] });
  }
);

it('errors where Loki refuses even a minute', async () => {
  await expect(witnessOf({ maxLengthMs: 1, busy: [4] }).ask()).rejects.toThrow(/too many bytes/);
});

it('has nothing to say about exposed requests', async () => {
  const { asked, ask } = witnessOf({ family: exposedFamily('{app="ingress"}', lineOptions), ingressSelector });
  expect(await ask()).toEqual({ suspects: {}, bursts: [] });
  expect(asked).toEqual([]);
});

describe('calls in the log of the ingress controller', () => {
  const call = (day: number) => [noon(day), 'call'] as const;

  it('are compared over whole settled days of the range', async () => {
    const { ask, whole } = witnessOf({ lines: [call(0), call(3), call(9)], ingressSelector });
    expect((await ask()).calls).toEqual({ ingress: 3, manager: 20 });
    const part = { start: noon(0), end: span.end };
    expect((await ask({ view: { ...whole.view, span: part } })).calls).toEqual({ ingress: 2, manager: 18 });
    expect((await ask({ view: { ...whole.view }, now: noon(9) })).calls).toEqual({ ingress: 2, manager: 18 });
  });

  it('are not asked for where the manager has none, or where no such log is collected', async () => {
    expect((await witnessOf({ busy: [], ingressSelector }).ask()).calls).toBeUndefined();
    expect((await witnessOf({}).ask()).calls).toBeUndefined();
  });
});

it('counts lines of another form on the days that it is asked about', async () => {
  const { witness, client, whole, asked } = witnessOf({ lines: [[noon(2), 'foreign']], busy: [] });
  const foreign = (on: number[]) => lastValueFrom(witness.foreign(client, whole, on.map(dayOf), 721 * hourMs));
  expect(await foreign([1, 2, 3])).toEqual({ lines: 1, days: [dayOf(2)] });
  expect(await foreign([])).toBeUndefined();
  expect(asked).toHaveLength(1);
});
