import { lastValueFrom, of, throwError } from 'rxjs';

import { dayMs, minuteMs } from '../../domain/duration';
import { allocatedGpu, busyGpu } from '../../expr/promqlGpu';
import { UpstreamError, type UpstreamErrorKind } from '../../upstream/errors';
import { PrometheusClient } from '../../upstream/prometheus';
import { busyFrom } from '../gpu/busyMinutes';
import { type FoundRun, readSampled, sampledBatches } from './sampled';

const start = Date.parse('2026-10-05T00:00:00Z');
const pod = { namespace: 'oscar-svc', name: 'a', ofService: true };

/** A run of a day, and the pod in it with some samples. */
function runOf(day: number, samples: number, isShown = true): FoundRun {
  const first = { start: start + day * dayMs, end: start + (day + 1) * dayMs };
  const counts = new Map([['oscar-svc/a', samples]]);
  return {
    run: { first, lengthMs: dayMs, count: 1 },
    found: { pods: [pod], counts, samples, isShown },
    lookBackMs: 60_000,
  };
}

describe('batches', () => {
  const batches = (...runs: FoundRun[]) =>
    sampledBatches(runs, { ...allocatedGpu.samples, perCounted: 10 }).map(({ runs: all, isSampled }) => [
      all.length,
      isSampled,
    ]);

  it('gathers runs up to the samples of an answer', () => {
    expect(batches(runOf(0, 20_000), runOf(1, 20_000), runOf(2, 1))).toEqual([
      [2, true],
      [1, true],
    ]);
  });

  it('leaves runs to the engine that have too many, or of which samples do not show all, or nothing is known', () => {
    const unknown = { ...runOf(4, 1), found: undefined };
    expect(batches(runOf(0, 1), runOf(1, 40_001), runOf(2, 1, false), runOf(3, 1), unknown)).toEqual([
      [1, true],
      [1, false],
      [1, false],
      [1, true],
      [1, false],
    ]);
  });

  it('leaves short ones to it, which cost it little', () => {
    const short = runOf(0, 1);
    const hours = { ...short, run: { ...short.run, lengthMs: 60 * minuteMs } };
    expect(batches(hours, { ...hours, run: { ...hours.run, count: 6 } })).toEqual([
      [1, false],
      [1, true],
    ]);
  });
});

describe('samples', () => {
  /** What is made of samples of a pod at a GPU, of which some had been counted. */
  function read(values: ReadonlyArray<[number, string]>, counted: number, error?: UpstreamErrorKind) {
    const client = new PrometheusClient(
      ({ params: { query = '' } }) => {
        if (error) {
          return throwError(() => new UpstreamError(error, 'broken'));
        }
        const metric = { __name__: 'DCGM_FI_DEV_GPU_UTIL', UUID: 'GPU-1', namespace: 'oscar-svc', pod: 'a' };
        const samples = values.map(([minute, value]) => [start / 1000 + 60 * minute, value]);
        return of({
          status: 'success',
          data: query.startsWith('DCGM')
            ? { resultType: 'matrix', result: [{ metric, values: samples }] }
            : { resultType: 'vector', result: [] },
        });
      },
      { uid: 'p', method: 'POST', customParameters: [] },
      { retries: 0, firstDelayMs: 0, longestDelayMs: 0, random: () => 0 }
    );
    const sampled = { query: busyGpu.samples, hours: busyFrom };
    const run = runOf(0, counted);
    return lastValueFrom(readSampled(client, sampled, [run], { servicesNamespace: 'oscar-svc', lookBackMs: 60_000 }));
  }

  it('give the hours of the engine', async () => {
    const result = await read(
      [
        [10, '100'],
        [11, '50'],
      ],
      2
    );
    expect(result?.series).toEqual([
      {
        labels: { oscar_part: 'hours', oscar_pod: 'oscar-svc/a', oscar_users: '1', oscar_told: '/' },
        samples: [[start + dayMs - 1, 0.025]],
      },
    ]);
  });

  it.each([
    ['are fewer than were counted', [[10, '100']], 2],
    ['are not numbers', [[10, 'NaN']], 1],
  ] as Array<[string, Array<[number, string]>, number]>)(
    'are not relied on where they %s',
    async (_, values, counted) => {
      expect(await read(values, counted)).toBeUndefined();
    }
  );

  it.each<UpstreamErrorKind>(['bad-request', 'size-limit', 'timeout', 'malformed'])(
    'are left to the engine where they can not be had: %s',
    async (kind) => {
      expect(await read([], 0, kind)).toBeUndefined();
    }
  );

  it.each<UpstreamErrorKind>(['unavailable', 'authentication', 'rate'])('fail with the engine: %s', async (kind) => {
    await expect(read([], 0, kind)).rejects.toThrow('broken');
  });
});
