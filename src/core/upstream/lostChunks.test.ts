import { lastValueFrom, of } from 'rxjs';

import { lostChunksWarning, wholeChunksTransport } from './lostChunks';
import { type TransportRequest } from './transport';

const request: TransportRequest = {
  uid: 'loki',
  method: 'GET',
  path: 'loki/api/v1/query_range',
  params: { query: 'x' },
  evaluatedAt: { first: 0, last: 0, stepMs: 1 },
};

/** Chunks that were wanted, found in the cache, and counted as stored. */
type Chunks = readonly [wanted: number, found: number, stored: number];

const answer = ([wanted, found, stored]: Chunks, requested = wanted) => ({
  status: 'success',
  data: {
    result: [],
    stats: {
      querier: { store: { totalChunksDownloaded: wanted } },
      cache: { chunk: { entriesRequested: requested, entriesFound: found, entriesStored: stored } },
    },
  },
});

/** A Loki that gives these answers one after the other, the last one for ever. */
function loki(...answers: unknown[]) {
  const requests: TransportRequest[] = [];
  let time = 0;
  const transport = wholeChunksTransport(
    (sent) => of(answers[Math.min(requests.push(sent), answers.length) - 1]),
    () => time,
    [1, 1]
  );
  return {
    ask: () => lastValueFrom(transport(request)) as Promise<{ warnings?: string[] }>,
    askAbout: (other: Partial<TransportRequest>) => lastValueFrom(transport({ ...request, ...other })),
    asked: () => requests.length,
    fresh: () => requests.map(({ fresh }) => fresh === true),
    wait: (ms: number) => (time += ms),
  };
}

it.each<[string, Chunks]>([
  ['no chunk is needed', [0, 0, 0]],
  ['all are in the cache', [67, 67, 0]],
  ['those from the store are counted twice', [82, 81, 2]],
  ['all are from the store, counted twice', [46, 0, 92]],
])('asks once when %s', async (_, chunks) => {
  const { ask, asked } = loki(answer(chunks));
  expect((await ask()).warnings).toBeUndefined();
  expect(asked()).toBe(1);
});

it('asks again for chunks that could not be read, and takes the whole answer', async () => {
  const { ask, fresh } = loki(answer([100, 94, 0]), answer([100, 94, 12]));
  expect((await ask()).warnings).toBeUndefined();
  // The second time not from a cache of results, which keeps what lacks chunks.
  expect(fresh()).toEqual([false, true]);
});

it('warns of chunks that stay away, and then waits less', async () => {
  const { ask, asked, wait } = loki(answer([100, 94, 0]));
  expect((await ask()).warnings).toEqual([lostChunksWarning]);
  expect(asked()).toBe(3);
  await ask();
  expect(asked()).toBe(5);
  wait(120_000);
  await ask();
  expect(asked()).toBe(8);
});

it('notices losses among chunks that are counted twice', async () => {
  const found = loki(answer([100, 0, 188]), answer([100, 94, 0]));
  expect((await found.ask()).warnings).toEqual([lostChunksWarning]);
  const recovered = loki(answer([100, 0, 188]), answer([100, 94, 12]));
  expect((await recovered.ask()).warnings).toBeUndefined();
  const withoutCache = loki(answer([100, 0, 188]));
  expect((await withoutCache.ask()).warnings).toEqual([lostChunksWarning]);
});

it('learns from an odd number that a Loki counts once, and asks it once from then on', async () => {
  const { ask, asked } = loki(answer([50, 11, 39]));
  expect((await ask()).warnings).toBeUndefined();
  expect(asked()).toBe(2);
  await ask();
  expect(asked()).toBe(3);
});

it('learns it too when all are in the cache the second time, unless it was seen to count twice', async () => {
  const once = loki(answer([50, 11, 39]), answer([50, 50, 0]), answer([50, 10, 40]));
  await once.ask();
  await once.ask();
  expect(once.asked()).toBe(3);
  const twice = loki(
    answer([2, 0, 4]),
    answer([50, 11, 39]),
    answer([50, 50, 0]),
    answer([50, 10, 40]),
    answer([50, 50, 0])
  );
  await twice.ask();
  await twice.ask();
  await twice.ask();
  expect(twice.asked()).toBe(5);
});

it('asks again after each even number, which may be half of the chunks, counted twice', async () => {
  // The store loses five of ten chunks, and recovers before it is asked again.
  const { ask, asked } = loki(answer([10, 0, 10]), answer([10, 10, 0]), answer([10, 0, 10]), answer([10, 5, 0]));
  expect((await ask()).warnings).toBeUndefined();
  expect(asked()).toBe(2);
  // Now it does not recover.
  expect((await ask()).warnings).toEqual([lostChunksWarning]);
});

it('no longer believes that a Loki counts once when it counts more', async () => {
  const { ask, asked } = loki(
    answer([50, 11, 39]),
    answer([50, 11, 39]),
    answer([10, 0, 20]),
    answer([10, 0, 10]),
    answer([10, 5, 0])
  );
  await ask();
  await ask();
  expect(asked()).toBe(3);
  expect((await ask()).warnings).toEqual([lostChunksWarning]);
});

it('does not take half of the lost chunks for all of them', async () => {
  const { ask } = loki(answer([100, 94, 0]), answer([100, 94, 6]), answer([100, 97, 0]));
  expect((await ask()).warnings).toEqual([lostChunksWarning]);
});

it('believes a Loki that does not count', async () => {
  const silent = loki(answer([50, 0, 0], 0));
  expect((await silent.ask()).warnings).toBeUndefined();
  const other = loki({ status: 'success', data: { result: [] } });
  expect((await other.ask()).warnings).toBeUndefined();
  expect([silent.asked(), other.asked()]).toEqual([1, 1]);
});

it('keeps the warnings of Loki itself', async () => {
  const { ask } = loki({ ...answer([2, 1, 0]), warnings: ['partial'] });
  expect((await ask()).warnings).toEqual(['partial', lostChunksWarning]);
});

it('lets pass what is only compared', async () => {
  const { askAbout, asked } = loki(answer([100, 94, 0]));
  expect(await askAbout({ mayLackChunks: true })).not.toHaveProperty('warnings');
  expect(asked()).toBe(1);
});

it('leaves other questions alone', async () => {
  const { askAbout, asked } = loki(answer([2, 1, 0]));
  await askAbout({ evaluatedAt: undefined });
  await askAbout({ path: 'api/v1/query_range' });
  expect(asked()).toBe(2);
});
