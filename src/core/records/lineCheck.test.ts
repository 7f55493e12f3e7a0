import fc from 'fast-check';
import { lastValueFrom } from 'rxjs';

import { entries, epoch } from '../../testing/arbitraries';
import { FakeLoki } from '../../testing/fakeLoki';
import { lineOptions } from '../../testing/lineOptions';
import { dayMs } from '../domain/duration';
import { requestFamily } from '../expr/logql';
import { LokiClient } from '../upstream/loki';
import { countLines } from './lineCheck';

const family = requestFamily('{app="oscar"}', lineOptions);
const passes = (line: string) =>
  /^.*GIN-EXECUTIONS-LOGGER/.test(line) && line.includes('POST') && !/^\[GIN\] /.test(line);

it('counts the lines of each day, side by side or not', async () => {
  await fc.assert(
    fc.asyncProperty(entries(6 * 24), fc.subarray([0, 1, 2, 3, 4, 5]), async (list, offsets) => {
      const loki = new FakeLoki(list);
      const client = new LokiClient(loki.transport, 'loki', {
        retries: 0,
        firstDelayMs: 0,
        longestDelayMs: 0,
        random: () => 0,
      });
      const days = offsets.map((offset) => ({ start: epoch + offset * dayMs, end: epoch + (offset + 1) * dayMs }));
      const counts = await lastValueFrom(countLines(client, family, days));
      for (const { start, end } of days) {
        const own = list.filter(({ time, line }) => {
          const ms = Number((time + 999_999n) / 1_000_000n);
          return ms >= start && ms < end && passes(line);
        });
        expect([start, counts.get(start)]).toEqual([start, own.length]);
      }
      expect(loki.requests.length).toBeLessThanOrEqual(Math.ceil(days.length / 2) + 1);
    }),
    { numRuns: 60 }
  );
});
