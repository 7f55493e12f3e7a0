import fc from 'fast-check';
import { type Observable, switchMap, timer } from 'rxjs';

import { epoch } from '../../testing/arbitraries';
import { FakeLoki } from '../../testing/fakeLoki';
import { expectExact, open, openOver } from '../../testing/ledgerFixtures';
import { isBatchQuery, isLines, quietWeeks, span, whole } from '../../testing/quietWeeks';
import { dayMs } from '../domain/duration';
import { type Transport } from '../upstream/transport';

it('asks the same queries about the same days, however long each answer takes', async () => {
  const queriesWith = async (delays: readonly number[]) => {
    const loki = new FakeLoki(quietWeeks, { maxSeries: 40 });
    let index = 0;
    const transport: Transport = (request) => {
      const own = delays[index % delays.length] ?? 0;
      index += 1;
      return timer(own).pipe(switchMap(() => loki.transport(request)));
    };
    const asked: string[] = [];
    const view = await openOver((request) => {
      asked.push(JSON.stringify(request.params));
      return transport(request);
    }).read(whole);
    expectExact(view, quietWeeks, span);
    return asked;
  };
  const atOnce = await queriesWith([0]);
  expect(atOnce.length).toBeGreaterThan(20);
  await fc.assert(
    fc.asyncProperty(fc.array(fc.nat({ max: 5 }), { minLength: 3, maxLength: 9 }), async (delays) => {
      expect(await queriesWith(delays)).toEqual(atOnce);
    }),
    { numRuns: 10 }
  );
});

it('asks about a block of days as others do whose range began earlier', async () => {
  const blocksOf = async (start: number) => {
    const { loki, read } = open(quietWeeks);
    await read({ ...whole, span: { start, end: span.end } });
    return new Set(loki.requests.filter(isLines).map(({ params }) => JSON.stringify(params)));
  };
  const [early, late] = [await blocksOf(epoch), await blocksOf(epoch + dayMs)];
  expect([...late].filter((block) => early.has(block)).length).toBeGreaterThan(0);
});

it('takes no line for a request where the number of lines comes instead of the counts', async () => {
  const loki = new FakeLoki(quietWeeks);
  let numbers: Observable<unknown> | undefined;
  const transport: Transport = (request) => {
    const answer = loki.transport(request);
    numbers = isLines(request) ? answer : numbers;
    return isBatchQuery(request) && numbers ? numbers : answer;
  };
  const view = await openOver(transport).read(whole);
  const requests = view.cells.reduce((sum, { counts }) => sum + counts.reduce((own, count) => own + count, 0), 0);
  const unparsed = view.cells.reduce((sum, cell) => sum + cell.unparsed, 0);
  expect({ requests, unparsed }).toEqual({ requests: 0, unparsed: quietWeeks.length });
});
