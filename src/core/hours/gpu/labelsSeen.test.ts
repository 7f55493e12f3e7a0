import { lastValueFrom, of } from 'rxjs';

import { hourMs, minuteMs } from '../../domain/duration';
import { PrometheusClient } from '../../upstream/prometheus';
import { Sharing } from '../../upstream/sharing';
import { labelsSeenIn } from './labelsSeen';

/** A Prometheus that has labels of a pod at some times (ms). */
function open(times: readonly number[]) {
  let now = 0;
  let asked = 0;
  const client = new PrometheusClient(
    ({ params }) => {
      asked += 1;
      const [, range = ''] = /\)\[(\d+)ms:/.exec(params['query'] ?? '') ?? [];
      const end = Number(params['time']) * 1000;
      const isSeen = times.some((time) => time <= end && time > end - Number(range));
      return of({
        status: 'success',
        data: { resultType: 'vector', result: isSeen ? [{ metric: {}, value: [end / 1000, '1'] }] : [] },
      });
    },
    { uid: 'p', method: 'POST', customParameters: [] }
  );
  const known = new Sharing<boolean>(() => now, { isWhole: (isSeen) => isSeen });
  const ask = async (start: number, end: number) => {
    now += minuteMs;
    const before = asked;
    const isSeen = await lastValueFrom(labelsSeenIn(client, { start, end }, known));
    return [isSeen, asked - before];
  };
  return { ask };
}

const [start, end] = [7 * minuteMs, 30 * hourMs + 7 * minuteMs];

it('asks once while the hours of a moving range are the same', async () => {
  const { ask } = open([20 * hourMs]);
  expect(await ask(start, end)).toEqual([true, 1]);
  expect(await ask(start + minuteMs, end + minuteMs)).toEqual([true, 0]);
  expect(await ask(start + hourMs, end + hourMs)).toEqual([true, 1]);
});

it('finds labels outside of the whole hours, and asks each time where there are none', async () => {
  const { ask } = open([end - minuteMs]);
  expect(await ask(start, end)).toEqual([true, 2]);
  expect(await ask(start, end - 2 * minuteMs)).toEqual([false, 2]);
  expect(await ask(start, end - 2 * minuteMs)).toEqual([false, 2]);
});

it('does not take labels of one range for those of another', async () => {
  const { ask } = open([20 * hourMs]);
  await ask(start, end);
  expect(await ask(40 * hourMs, 50 * hourMs)).toEqual([false, 1]);
  expect(await ask(minuteMs, 2 * minuteMs)).toEqual([false, 1]);
});
