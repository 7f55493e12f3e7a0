import fc from 'fast-check';
import { lastValueFrom, of } from 'rxjs';

import { hourMs } from '../../domain/duration';
import { PrometheusClient } from '../../upstream/prometheus';
import { LruStore } from '../cache/lruStore';
import { maxLookbackMs, lookbackAt } from './lookback';
import { containers, scrapedIn } from './scraped';
import { readScrapes } from './scrapes';
import { type KeptSlots, ScrapeSlotCache } from './scrapeSlotCache';
import { assessSlots } from './slots';

const slotMs = 600_000;
const slot = (index: number, scrapes: number, down = 0, failed = 0) => ({
  start: index * slotMs,
  end: (index + 1) * slotMs,
  scrapes,
  failed,
  down,
});

it('finds slots that were scraped less than usual, or where a target was down', () => {
  const { gaps, intervalMs } = assessSlots(
    [slot(0, 20), slot(1, 4), slot(2, 0), slot(3, 20), slot(4, 19, 1), slot(5, 20), slot(6, 15)],
    0.5
  );
  expect(gaps).toEqual([
    { start: slotMs, end: 3 * slotMs },
    { start: 4 * slotMs, end: 5 * slotMs },
  ]);
  expect(intervalMs).toBe(30_000);
});

it('allows of fewer lost scrapes for gauges than for counters', () => {
  const slots = [slot(0, 20), slot(1, 17), slot(2, 18), slot(3, 20, 0, 3), slot(4, 20, 0, 2), slot(5, 20)];
  expect(assessSlots(slots, 0.9).gaps).toEqual([
    { start: slotMs, end: 2 * slotMs },
    { start: 3 * slotMs, end: 4 * slotMs },
  ]);
  expect(assessSlots(slots, 0.5).gaps).toEqual([]);
});

it('does not take a slot for a gap that has one scrape less, as an interval of four minutes makes them', () => {
  expect(assessSlots([slot(0, 3), slot(1, 2), slot(2, 3), slot(3, 2), slot(4, 3)], 0.9).gaps).toEqual([]);
  expect(assessSlots([slot(0, 3), slot(1, 2, 0, 1), slot(2, 3)], 0.9).gaps).toEqual([
    { start: slotMs, end: 2 * slotMs },
  ]);
});

it('lets a sample count until the next one, also where the interval does not divide a slot or changed for a while', () => {
  const lookBackOf = (...scrapes: number[]) =>
    assessSlots(
      scrapes.map((count, index) => slot(index, count)),
      0.9
    ).lookBackMs;
  expect(lookBackOf(20, 20, 20)).toBe(35_000);
  expect(lookBackOf(20, 19, 20)).toBe(35_000);
  expect(lookBackOf(3, 2, 3, 2)).toBe(265_000);
  // Whichever half of the slots holds the larger number.
  expect(lookBackOf(2, 3, 2)).toBe(265_000);
  expect(lookBackOf(3, 2, 3)).toBe(265_000);
  expect(lookBackOf(5, 5, 5, 4, 4)).toBe(165_000);
  expect(lookBackOf(2, 2, 2, 1, 1)).toBe(660_000);
  expect(lookBackOf(0, 0)).toBeUndefined();
});

it('knows by which series to judge the scrapes of a template', () => {
  expect(scrapedIn('sum(rate(container_cpu_usage_seconds_total{a="b"}[5m]))')).toEqual([containers]);
  expect(scrapedIn('sum(my_gpu_hours) + DCGM_FI_DEV_GPU_UTIL').map(({ selector }) => selector)).toEqual([
    'DCGM_FI_DEV_GPU_UTIL',
  ]);
  expect(scrapedIn('my_container_cpu_usage_seconds_total')).toEqual([]);
});

it('knows no interval where nothing was scraped', () => {
  expect(assessSlots([slot(0, 0), slot(1, 0)], 0.5)).toEqual({
    gaps: [{ start: 0, end: 2 * slotMs }],
    intervalMs: undefined,
  });
});

it('looks back an hour, and over gaps until an hour was scraped', () => {
  expect(lookbackAt(100 * hourMs, [])).toEqual({ lookbackMs: hourMs, found: true });
  const gap = { start: 97 * hourMs, end: 99.5 * hourMs };
  expect(lookbackAt(100 * hourMs, [gap])).toEqual({ lookbackMs: 3.5 * hourMs, found: true });
  expect(lookbackAt(100 * hourMs, [{ start: 0, end: 100 * hourMs }])).toEqual({
    lookbackMs: maxLookbackMs,
    found: false,
  });
});

it('always leaves an hour with scrapes, or says that there is none', () => {
  const gap = fc
    .tuple(fc.integer({ min: 0, max: 60 }), fc.integer({ min: 1, max: 30 }))
    .map(([start, length]) => ({ start: start * slotMs * 3, end: (start * 3 + length) * slotMs }));
  fc.assert(
    fc.property(gap, fc.integer({ min: 0, max: 40 }), (one, hours) => {
      const time = hours * hourMs;
      const { lookbackMs, found } = lookbackAt(time, [one]);
      const from = time - lookbackMs;
      const lost = Math.max(0, Math.min(one.end, time) - Math.max(one.start, from));
      expect(found ? lookbackMs - lost >= hourMs : lookbackMs === maxLookbackMs).toBe(true);
    })
  );
});

/** A Prometheus that scraped one job every 30 s up to a time, and tells so by `up` or by the samples alone. */
function scrapedUntil(
  until: number,
  hasUp = true,
  onRequest: () => void = () => undefined,
  isGap: (time: number) => boolean = () => false
): PrometheusClient {
  return new PrometheusClient(
    ({ params }) => {
      onRequest();
      const start = Number(params['start']);
      const step = Number(params['step']);
      const count = Math.round((Number(params['end']) - start) / step) + 1;
      const times = Array.from({ length: count }, (_, index) => start + index * step);
      const metric = params['query']?.startsWith('group') ? { job: 'cadvisor' } : { oscar_part: 'scrapes' };
      const isKnown = hasUp || !params['query']?.includes('up{');
      const values = times
        .filter((time) => isKnown && time * 1000 <= until)
        .map((time) => [time, isGap(time * 1000) ? '0' : '20']);
      const result = values.length > 0 ? [{ metric, values }] : [];
      return of({ status: 'success', data: { resultType: 'matrix', result } });
    },
    { uid: 'p', method: 'POST', customParameters: [] }
  );
}

function nothingKnown(readAgain = false, store = new LruStore<KeptSlots>(1000), now = 0): ScrapeSlotCache {
  return new ScrapeSlotCache(store, ['uid'], { readAgain, now });
}

it('does not take the minutes after the last whole slot for scraped when nothing says so', async () => {
  const span = { start: 0, end: 30 * hourMs + 123_456 };
  const { gaps } = await lastValueFrom(readScrapes(scrapedUntil(29 * hourMs), span, containers, nothingKnown()));
  expect(gaps).toEqual([{ start: 29 * hourMs, end: span.end }]);
  expect(await lastValueFrom(readScrapes(scrapedUntil(-1), span, containers, nothingKnown()))).toEqual({
    gaps: [span],
    intervalMs: undefined,
  });
  expect((await lastValueFrom(readScrapes(scrapedUntil(Infinity), span, containers, nothingKnown()))).gaps).toEqual([]);
});

it('takes the hours with samples where a store has no `up`', async () => {
  const span = { start: 0, end: 30 * hourMs };
  const { gaps } = await lastValueFrom(readScrapes(scrapedUntil(20 * hourMs, false), span, containers, nothingKnown()));
  expect(gaps).toEqual([{ start: 20 * hourMs, end: 30 * hourMs }]);
});

it('asks once by the samples where nothing delivers them, and there are none', async () => {
  const asked: string[] = [];
  const client = new PrometheusClient(
    ({ params }) => {
      asked.push(params['query'] ?? '');
      return of({ status: 'success', data: { resultType: 'matrix', result: [] } });
    },
    { uid: 'p', method: 'POST', customParameters: [] }
  );
  await lastValueFrom(readScrapes(client, { start: 0, end: 30 * hourMs }, containers, nothingKnown()));
  expect(asked).toHaveLength(2);
  expect(new Set(asked).size).toBe(2);
});

it('asks once about the same slots, unless they show a gap or all is to be read again', async () => {
  const store = new LruStore<KeptSlots>(1000);
  const requestsFor = async (until: number, end: number, readAgain = false) => {
    let requests = 0;
    const client = scrapedUntil(until, true, () => (requests += 1));
    await lastValueFrom(readScrapes(client, { start: 0, end }, containers, nothingKnown(readAgain, store)));
    return requests;
  };
  const end = 30 * hourMs;
  expect(await requestsFor(29 * hourMs, end)).toBeGreaterThan(0);
  expect(await requestsFor(Infinity, end + 1)).toBe(2);
  expect(await requestsFor(Infinity, end + 599_999)).toBe(0);
  expect(await requestsFor(Infinity, end + 600_000)).toBe(2);
  expect(await requestsFor(Infinity, end, true)).toBe(2);
});

it('takes the slot in which a span ends as a whole where it is over, not for what the one before it was', async () => {
  const span = { start: 0, end: 30 * hourMs + 7 * 60_000 };
  const gapBefore = { start: 30 * hourMs - 600_000, end: 30 * hourMs };
  const client = scrapedUntil(Infinity, true, undefined, (time) => time > gapBefore.start && time <= gapBefore.end);
  const gapsAt = async (now: number) =>
    (await lastValueFrom(readScrapes(client, span, containers, nothingKnown(false, undefined, now)))).gaps;
  expect(await gapsAt(span.end)).toEqual([{ start: gapBefore.start, end: span.end }]);
  expect(await gapsAt(30 * hourMs + 600_000)).toEqual([gapBefore]);
});

it('knows the usual interval, also of scrapes that do not divide a slot', () => {
  const intervalOf = (...scrapes: number[]) =>
    assessSlots(
      scrapes.map((count, index) => ({
        start: index * slotMs,
        end: (index + 1) * slotMs,
        scrapes: count,
        failed: 0,
        down: 0,
      })),
      0.5
    ).intervalMs;
  expect(intervalOf(20, 20, 20, 20)).toBe(30_000);
  expect(intervalOf(5, 5, 0, 5)).toBe(120_000);
  expect(intervalOf(...Array.from({ length: 101 }, (_, index) => 2 + (index % 2)))).toBe(240_000);
  expect(intervalOf(...Array.from({ length: 101 }, (_, index) => 3 - (index % 2)))).toBe(240_000);
  expect(intervalOf(7, 7, 6, 7, 7, 6)).toBe(90_000);
});
