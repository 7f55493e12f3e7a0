import { dayMs } from '../../src/core/domain/duration';
import { createHost, type Host } from '../../stack/host';
import { type Answer, ask, lokiQueries, over, type OscarTarget, sourceOf } from './support/answers';
import { nanoseconds, pushEntries } from './support/lines';
import { openLoki, openScratch, type Scratch } from './support/scratch';

const start = Date.parse('2026-06-15T00:00:00Z');
const week = { from: start, to: start + 7 * dayMs };
const noon = (day: number, second = 0) => start + (day + 0.5) * dayMs + second * 1000;

const lineAt = (time: number, call: string, { status = 201, client = '8.8.8.8', logged = time } = {}) =>
  `[GIN-EXECUTIONS-LOGGER] ${new Date(logged).toISOString()} | ${status} |  1ms | ${client} | ${call}`;
const entry = (time: number, line: string, labels = {}) => ({
  stream: 'manager' as const,
  time: nanoseconds(time),
  line,
  labels,
});

/** 300 requests of ten users on each day. */
const honest = Array.from({ length: 2100 }, (_, index) => {
  const time = noon(index % 7, index);
  return entry(time, lineAt(time, `POST    /job/s${index % 5} | u${index % 10}@example.org`), {
    geoip_country_code: 'ES',
  });
});

/** What `POST /job/x%0A…` leaves with a collector that ends entries at line feeds. */
const attack = (time: number, forged: readonly string[]) => [
  entry(time, lineAt(time, 'POST    /job/x', { status: 404 })),
  ...forged.map((call, index) => entry(time + index, lineAt(time + index, call))),
  entry(time + forged.length, 'the rest of the path | oscar'),
];

type Entries = Parameters<typeof pushEntries>[2];

const odd = (day: number) => entry(noon(day), `[GIN-EXECUTIONS-LOGGER] ${new Date(noon(day)).toISOString()} POST odd`);

/** What else is in the log, by a name. */
const scenes = {
  usual: [],
  head: attack(
    noon(3),
    Array.from({ length: 50 }, (_, index) => `POST    /job/victim | forged-${index}@example.org`)
  ),
  client: [entry(noon(2), lineAt(noon(2), '').replace(/ \| $/, ''))],
  oneOdd: [odd(1)],
  threeOdd: [odd(1), odd(2), odd(3)],
  misfits: [
    entry(noon(1), lineAt(noon(1), 'POST    /job/a | u', { logged: noon(1, -901) })),
    entry(noon(5), lineAt(noon(5), 'POST    /job/mine | u | victim | oscar-svc-x')),
  ],
  burst: [
    ...Array.from({ length: 1001 }, (_, index) => {
      const time = noon(4) + index;
      return entry(time, lineAt(time, 'POST    /job/victim | nobody@example.org'), { geoip_country_code: 'US' });
    }),
    ...Array.from({ length: 2100 }, (_, index) => ({
      stream: 'ingress' as const,
      time: nanoseconds(noon(index % 7, index)),
      line: `192.0.2.7 - - [15/Jun/2026:12:00:00 +0000] "POST /job/s${index % 5}?n=${index} HTTP/1.1" 201 5 "-" "curl" 9 0.1 [oscar-oscar-8080] [] 10.0.0.2:8080 1 0.1 201 a`,
      labels: {},
    })),
  ],
} satisfies Record<string, Entries>;

let scratch: Scratch;
let host: Host;
let optionsOf: ReadonlyMap<string, Record<string, unknown>>;

beforeAll(async () => {
  scratch = await openScratch();
  const { url: lokiUrl } = await openLoki(scratch.directory);
  host = await createHost({ lokiUrl });
  optionsOf = new Map(
    await Promise.all(
      Object.entries(scenes).map(
        async ([name, entries]) => [name, await pushEntries(lokiUrl, name, [...honest, ...entries])] as const
      )
    )
  );
});

afterAll(() => scratch?.close());

const summary: OscarTarget = { queryType: 'summary' };

async function summarize(name: keyof typeof scenes) {
  const dataSource = host.createDataSource(optionsOf.get(name));
  const [answer] = (await ask(host, dataSource, [summary], over(week))) as [Answer];
  return { dataSource, answer, row: answer.rows[0], state: sourceOf(answer, 'request-logs') };
}

it('asks Loki once more about a usual week, and not again', async () => {
  host.resetRequests();
  const { dataSource, row, state } = await summarize('usual');
  expect(row?.requests_count_total).toBe(2100);
  expect(state).toMatchObject({ status: 'ok', notes: [] });
  const suspicious = () => lokiQueries(host).filter(({ parameters }) => parameters.get('query')?.includes('suspicion'));
  expect(suspicious()).toHaveLength(1);
  expect(Math.max(...lokiQueries(host).map(({ urlLength }) => urlLength))).toBeLessThan(8000);
  await ask(host, dataSource, [summary], over(week));
  expect(suspicious()).toHaveLength(1);
});

it('doubts the day of one head among 2 000 requests, and no other day', async () => {
  const { dataSource, row, state } = await summarize('head');
  expect(row).toMatchObject({ requests_count_total: 2150, requests_count_rejected: 0 });
  expect(state.status).toBe('partial');
  expect(state.notes).toEqual(['1 line cut short: somebody may have written lines into the log']);
  // Of the logs alone: a row has room for few reasons.
  const daily = { ...summary, interval: 'day' as const, columns: ['requests_count_total'] };
  const [answer] = (await ask(host, dataSource, [daily], over(week))) as [Answer];
  expect(answer.rows.map(({ completeness_notes: notes = '' }) => String(notes).includes('cut short'))).toEqual(
    [0, 1, 2, 3, 4, 5, 6].map((day) => day === 3)
  );
});

it('doubts the day of a head that a client address was cut from', async () => {
  const { row, state } = await summarize('client');
  expect(row?.requests_count_total).toBe(2100);
  expect(state.notes).toEqual(['1 line cut short: somebody may have written lines into the log']);
});

it('remarks one line of an unknown form among 2 000, and doubts three', async () => {
  const one = await summarize('oneOdd');
  expect(one.state).toMatchObject({
    status: 'ok',
    notes: ['1 line of the executions logger in an unknown format: at most 1 request not counted'],
  });
  const three = await summarize('threeOdd');
  expect(three.state.status).toBe('partial');
});

it('tells times and services that do not fit, with the days of both', async () => {
  const { row, state } = await summarize('misfits');
  expect(row?.requests_count_total).toBe(2102);
  expect(state.status).toBe('partial');
  expect(state.notes).toEqual([
    expect.stringMatching(/^1 line with a time more than 15 minutes/),
    expect.stringMatching(/^1 line with a service that differs from the path/),
  ]);
});

it('remarks a user who appears for more than 1 000 requests, and calls that did not come through the ingress', async () => {
  const { row, state } = await summarize('burst');
  expect(row?.requests_count_total).toBe(3101);
  expect(state.status).toBe('ok');
  expect(state.notes).toEqual([
    expect.stringMatching(
      /^a user who does not appear in the rest of the range made 1,001 requests between 2026-06-19T/
    ),
    expect.stringMatching(/^the ingress controller logged 2,100 calls to \/job and \/run, but the manager 3,101 from/),
  ]);
  expect(JSON.stringify(state)).not.toContain('nobody@');
});
