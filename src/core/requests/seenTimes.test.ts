import { lastValueFrom } from 'rxjs';

import { epoch, managerLine } from '../../testing/arbitraries';
import { FakeLoki } from '../../testing/fakeLoki';
import { lineOptions } from '../../testing/lineOptions';
import { dayMs } from '../domain/duration';
import { parseRequest } from '../domain/requestLine';
import { requestFamily } from '../expr/logql';
import { defaultLimits } from '../upstream/learnedLimits';
import { LokiClient } from '../upstream/loki';
import { CellBuilder } from './cell';
import { KeyTable } from './keyTable';
import { mostServices, SeenTimes } from './seenTimes';

const noRetries = { retries: 0, firstDelayMs: 0, longestDelayMs: 0, random: () => 0 };
const span = { start: epoch, end: epoch + dayMs };

interface Call {
  service: string;
  /** ms since the epoch. */
  time: number;
}

/** A day of calls that was counted, and what asks when they were. */
function countedDay(calls: readonly Call[]) {
  const entries = calls.map(({ service, time }) => ({
    time: BigInt(time) * 1_000_000n,
    labels: {},
    line: managerLine({ type: 'sync', service, user: 'u' }, 'seconds'),
  }));
  const loki = new FakeLoki(entries);
  const client = new LokiClient(loki.transport, 'loki', noRetries);
  const table = new KeyTable((text) => parseRequest(text, 'oscar-svc'), 'auth_method');
  const builder = new CellBuilder(span, table);
  for (const { service } of calls) {
    const id = table.intern({ type: 'sync', service, user: 'u', country: 'ES', auth: '', outcome: 'succeeded' });
    builder.addLines('x', id, 1);
  }
  const times = new SeenTimes(client, requestFamily('{app="oscar"}', lineOptions), defaultLimits());
  return { loki, read: () => lastValueFrom(times.read([builder.build()], table, [span])) };
}

const callsOf = (services: number, each: (index: number) => number) =>
  Array.from({ length: services }, (_, index) =>
    Array.from({ length: each(index) }, (_unused, call) => ({
      service: `s${index}`,
      time: epoch + 1000 + index * 1000 + call * 10,
    }))
  ).flat();

it('knows the times of as many services as may be asked about', async () => {
  const { read } = countedDay(callsOf(mostServices, () => 1));
  const { bySpan, problems } = await read();
  expect(problems).toEqual([]);
  expect(bySpan.get(span)?.get('s7')).toEqual({ first: epoch + 8000, last: epoch + 8000 });
});

it('asks about those with the most requests where there are more, and says of how many only the day is known', async () => {
  // The last ones have two requests each.
  const calls = callsOf(mostServices + 20, (index) => (index < 20 ? 1 : 2));
  const { read } = countedDay(calls);
  const { bySpan, problems } = await read();
  expect(problems).toEqual([expect.stringMatching(/too many services.* for 20 services only the hour or day/)]);
  const times = bySpan.get(span);
  expect(times?.size).toBe(mostServices + 20);
  expect(times?.get('s25')).toEqual({ first: epoch + 26_000, last: epoch + 26_010 });
  // Never narrower than the truth.
  expect(times?.get('s3')).toEqual({ first: span.start, last: span.end - 1 });
});

it('does not ask about names that no service can have', async () => {
  const { loki, read } = countedDay([{ service: '(invalid)', time: epoch + 5000 }]);
  expect((await read()).bySpan.get(span)?.size).toBe(0);
  expect(loki.requests).toHaveLength(0);
});
