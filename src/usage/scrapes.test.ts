import fc from 'fast-check';
import { lastValueFrom, of } from 'rxjs';

import { PrometheusClient } from '../upstream/prometheus';
import { judge, longestLookbackMs, lookbackAt, readScrapes } from './scrapes';

const slotMs = 600_000;
const hourMs = 3_600_000;
const slot = (index: number, scrapes: number, down = 0) => ({
  start: index * slotMs,
  end: (index + 1) * slotMs,
  scrapes,
  down,
});

it('finds slots that were scraped less than usual, or where a target was down', () => {
  const { gaps, intervalMs } = judge([slot(0, 20), slot(1, 4), slot(2, 0), slot(3, 20), slot(4, 19, 1), slot(5, 20)]);
  expect(gaps).toEqual([
    { start: slotMs, end: 3 * slotMs },
    { start: 4 * slotMs, end: 5 * slotMs },
  ]);
  expect(intervalMs).toBe(30_000);
});

it('knows no interval where nothing was scraped', () => {
  expect(judge([slot(0, 0), slot(1, 0)])).toEqual({ gaps: [{ start: 0, end: 2 * slotMs }], intervalMs: undefined });
});

it('looks back an hour, and over gaps until an hour was scraped', () => {
  expect(lookbackAt(100 * hourMs, [])).toEqual({ lookbackMs: hourMs, found: true });
  const gap = { start: 97 * hourMs, end: 99.5 * hourMs };
  expect(lookbackAt(100 * hourMs, [gap])).toEqual({ lookbackMs: 3.5 * hourMs, found: true });
  expect(lookbackAt(100 * hourMs, [{ start: 0, end: 100 * hourMs }])).toEqual({
    lookbackMs: longestLookbackMs,
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
      expect(found ? lookbackMs - lost >= hourMs : lookbackMs === longestLookbackMs).toBe(true);
    })
  );
});

/** A Prometheus that scraped one job every 30 s up to a time. */
function scrapedUntil(until: number): PrometheusClient {
  return new PrometheusClient(
    ({ params }) => {
      const start = Number(params['start']);
      const step = Number(params['step']);
      const count = Math.round((Number(params['end']) - start) / step) + 1;
      const times = Array.from({ length: count }, (_, index) => start + index * step);
      const metric = params['query']?.includes('up{') ? { oscar_part: 'scrapes' } : { job: 'cadvisor' };
      const values = times.filter((time) => time * 1000 <= until).map((time) => [time, '20']);
      const result = values.length > 0 ? [{ metric, values }] : [];
      return of({ status: 'success', data: { resultType: 'matrix', result } });
    },
    { uid: 'p', method: 'POST', customParameters: {} }
  );
}

it('does not take the minutes after the last whole slot for scraped when nothing says so', async () => {
  const span = { start: 0, end: 30 * hourMs + 123_456 };
  const { gaps } = await lastValueFrom(readScrapes(scrapedUntil(29 * hourMs), span));
  expect(gaps).toEqual([{ start: 29 * hourMs, end: span.end }]);
  expect(await lastValueFrom(readScrapes(scrapedUntil(-1), span))).toEqual({ gaps: [span], intervalMs: undefined });
  expect((await lastValueFrom(readScrapes(scrapedUntil(Infinity), span))).gaps).toEqual([]);
});
