import { lastValueFrom, of } from 'rxjs';

import { forPurpose, SentQueries } from './sentQueries';

function open() {
  let now = 1000;
  const sent = new SentQueries(() => now);
  const transport = sent.recorded(() => of({}));
  return {
    sent,
    wait: (ms: number) => (now += ms),
    ask: (purpose: string, query: string, time: number) =>
      lastValueFrom(
        forPurpose(
          transport,
          purpose
        )({
          uid: 'a',
          method: 'GET',
          path: 'x',
          params: { query },
          evaluatedAt: { first: time, last: time, stepMs: 1 },
        })
      ),
  };
}

it('tells what was sent for some purposes, in its own words', async () => {
  const { sent, ask } = open();
  await ask('usage-cpu', 'sum(a)', 5000);
  await ask('usage-cpu', 'sum(b)', 7000);
  await ask('usage-cpu', 'sum(a)', 9000);
  await ask('usage-gpu', 'sum(c)', 5000);
  expect(sent.describe(['usage-cpu', 'service-inventory'], { start: 0, end: 10_000 }, 0)).toBe(
    'usage-cpu, 3 requests, evaluated from 1970-01-01T00:00:05.000Z to 1970-01-01T00:00:09.000Z:\nsum(b)\nsum(a)\n\n' +
      'service-inventory: nothing was sent'
  );
});

it('tells what was sent before where answers were kept, and nothing of other ranges', async () => {
  const { sent, ask, wait } = open();
  await ask('usage-cpu', 'sum(a)', 5000);
  await ask('usage-cpu', 'sum(b)', 99_000);
  wait(1000);
  const text = sent.describe(['usage-cpu'], { start: 0, end: 10_000 }, 2000);
  expect(text).toMatch(/^usage-cpu, answered earlier and cached, 1 request,.*\nsum\(a\)$/);
  await ask('usage-cpu', 'sum(d)', 6000);
  expect(sent.describe(['usage-cpu'], { start: 0, end: 10_000 }, 2000)).toMatch(/^usage-cpu, 1 request,.*\nsum\(d\)$/);
});

it('keeps only the latest ones, and shows some of them', async () => {
  const { sent, ask } = open();
  for (let index = 0; index < 80; index += 1) {
    await ask('request-logs', `q${index}`, 5000);
  }
  const lines = sent.describe(['request-logs'], { start: 0, end: 10_000 }, 0).split('\n');
  expect(lines.slice(1)).toEqual([
    ...Array.from({ length: 10 }, (_, index) => `q${70 + index}`),
    '… and 40 more of this kind',
  ]);
});
