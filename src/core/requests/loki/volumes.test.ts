import fc from 'fast-check';
import { lastValueFrom, of, throwError } from 'rxjs';

import { lineOptions } from '../../../testing/lineOptions';
import { requestFamily } from '../../expr/logql';
import { UpstreamError } from '../../upstream/errors';
import { defaultLimits } from '../../upstream/learnedLimits';
import { LokiClient } from '../../upstream/loki';
import { type Transport, type TransportRequest } from '../../upstream/transport';
import { PieceSizer } from './pieceSizer';
import { foretellVolumes } from './volumeHints';
import { stretchesAround, Volumes, volumeStepMs } from './volumes';

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
const nextHour = (time: number) => (Math.floor(time / hourMs) + 1) * hourMs;

it('adds up what lies inside a span, stretches by their share', () => {
  const volumes = new Volumes();
  volumes.add({ start: 0, end: 3 * volumeStepMs }, [
    [volumeStepMs, 300],
    [3 * volumeStepMs, 600],
  ]);
  expect(volumes.bytesIn({ start: 0, end: 3 * volumeStepMs })).toBe(900);
  expect(volumes.bytesIn({ start: hourMs, end: 7 * hourMs })).toBe(200 + 200);
  expect(volumes.bytesIn({ start: 0, end: 3 * volumeStepMs + 1 })).toBeUndefined();
});

/** Asks about spans; what Loki was asked and what the sizer then knows. */
async function foretell(span: { start: number; end: number }, answer: (request: TransportRequest) => unknown) {
  const requests: TransportRequest[] = [];
  const transport: Transport = (request) => {
    requests.push(request);
    const body = answer(request);
    return body instanceof Error ? throwError(() => body) : of(body);
  };
  const sizer = new PieceSizer(defaultLimits());
  const client = new LokiClient(transport, 'loki');
  await lastValueFrom(foretellVolumes([span], { client, family: requestFamily('{a="b"}', lineOptions), sizer }), {
    defaultValue: undefined,
  });
  return { requests, sizer };
}

const matrix = (...values: Array<[number, string]>) => ({
  status: 'success',
  data: { resultType: 'matrix', result: [{ metric: {}, values }] },
});

it('asks the index for whole stretches, a month at a time, and reads its times', async () => {
  const span = { start: 10 * dayMs + hourMs, end: 50 * dayMs };
  const { requests, sizer } = await foretell(span, () => matrix([(10 * dayMs + volumeStepMs) / 1000 - 1e-6, '77']));
  expect(requests.map(({ path, params }) => [path, params['query'], params['step']])).toEqual([
    ['loki/api/v1/index/volume_range', '{a="b"}', '10800000ms'],
    ['loki/api/v1/index/volume_range', '{a="b"}', '10800000ms'],
  ]);
  expect(requests[0]?.params['start']).toBe(`${10 * dayMs}000000`);
  expect(sizer.volumes.bytesIn({ start: 10 * dayMs, end: 10 * dayMs + volumeStepMs })).toBe(77);
  expect(sizer.volumes.bytesIn(stretchesAround(span))).toBe(77);
});

it.each([
  ['a refusal', new UpstreamError('not-found', 'HTTP 404', 404)],
  ['an outage', new UpstreamError('unavailable', 'HTTP 503', 503)],
  ['another body', '<html>'],
])('goes without a hint after %s, and does not ask again', async (_, body) => {
  const { requests, sizer } = await foretell({ start: 0, end: 30 * dayMs }, () => body);
  expect(requests).toHaveLength(1);
  expect(sizer.volumes.bytesIn({ start: 0, end: 1 })).toBeUndefined();
});

it('does not ask about what takes a few requests anyway', async () => {
  expect((await foretell({ start: 0, end: dayMs }, () => matrix())).requests).toHaveLength(0);
});

/** Reads days whose lines are spread as the bytes are; how many requests that took, and how many asked too much. */
function readDays(bytes: readonly number[], linesPerByte: number) {
  const sizer = new PieceSizer(defaultLimits());
  const end = bytes.length * volumeStepMs;
  sizer.volumes.add(
    { start: 0, end },
    bytes.map((one, index) => [(index + 1) * volumeStepMs, one])
  );
  let [start, requests, exceeded, lines] = [0, 0, 0, 0];
  // What asked too much is read in halves.
  let half = Infinity;
  while (start < end) {
    const pieceEnd = sizer.next(start, Math.min(half, (Math.floor(start / dayMs) + 1) * dayMs), nextHour, false).end;
    const inside = (sizer.volumes.bytesIn({ start, end: pieceEnd }) ?? 0) * linesPerByte;
    requests += 1;
    if (inside > 500) {
      exceeded += 1;
      half = start + Math.floor((pieceEnd - start) / 2);
      sizer.learnTooManySeries({ start, end: pieceEnd }, 500);
    } else {
      sizer.learn({ start, end: pieceEnd }, inside, inside, 10);
      lines += inside;
      start = pieceEnd;
      half = Infinity;
    }
  }
  return { requests, exceeded, lines };
}

it('fills requests well where the volume is foretold, however uneven the days are', () => {
  fc.assert(
    fc.property(
      fc.array(fc.double({ min: 0.1, max: 4, noNaN: true }), { minLength: 8 * 8, maxLength: 8 * 30 }),
      (spread) => {
        const bytes = spread.map((one) => one * 100_000);
        const { requests, exceeded, lines } = readDays(bytes.slice(0, 8 * Math.floor(bytes.length / 8)), 0.002);
        expect(exceeded).toBeLessThanOrEqual(8);
        // Each day has one request that is not full, and the first ones grope.
        expect(requests).toBeLessThanOrEqual(12 + bytes.length / 8 + lines / 350);
      }
    ),
    { numRuns: 50 }
  );
});

it('is not misled by bursts within a stretch', () => {
  const sizer = new PieceSizer(defaultLimits());
  const stretches = 8 * 10;
  sizer.volumes.add(
    { start: 0, end: stretches * volumeStepMs },
    Array.from({ length: stretches }, (_, index) => [(index + 1) * volumeStepMs, 1000] as const)
  );
  let requests = 0;
  for (let start = 0; start < stretches * volumeStepMs;) {
    const end = sizer.next(start, (Math.floor(start / dayMs) + 1) * dayMs, nextHour, false).end;
    // 30 lines at the very start of each day.
    const lines = start % dayMs === 0 ? 30 : 0;
    sizer.learn({ start, end }, lines, lines, 10);
    requests += 1;
    start = end;
  }
  expect(requests).toBeLessThanOrEqual(10 + 4);
});
