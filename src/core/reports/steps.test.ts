import fc from 'fast-check';

import { finish } from '../../testing/finish';
import { stateOfSpans } from '../completeness/model';
import { dayMs } from '../domain/duration';
import { sourceNames } from '../domain/sources';
import { type UsageQuery } from '../query';
import { KeyTable } from '../requests/keyTable';
import { sortedInSteps, type Work } from '../runtime/turns';
import { reports } from './registry';
import { runReport, runSeries } from './runReport';
import { selectionOf } from './selection';
import { timeSeriesOf } from './series';
import { tableOf } from './table';

const range = { start: 0, end: 2 * dayMs };

/** Two days on which each of so many users calls a service of their own. */
function gatheredFrom(users: number) {
  const table = new KeyTable(() => undefined, '');
  const key = { type: 'sync', country: 'ES', auth: '', outcome: 'succeeded' } as const;
  const ids = Uint32Array.from({ length: users }, (_, index) =>
    table.intern({ ...key, user: `u${index}`, service: `s${index}` })
  );
  const cells = [0, dayMs].map((start) => ({
    start,
    end: start + dayMs,
    ids,
    counts: ids.map((id) => (id % 7) + 1),
    unparsed: 0,
  }));
  const states = new Map(
    sourceNames.map((source) => [source, stateOfSpans(source, range, [], [], range.end)] as const)
  );
  return { requests: { span: range, cells, missing: [], table }, states, failed: [] };
}

function* answer(query: UsageQuery, users: number): Work<number> {
  const report = reports[query.queryType];
  const context = {
    query,
    services: undefined,
    membershipOf: () => 'member' as const,
    rejectedRequests: 'separate' as const,
  };
  const gathered = gatheredFrom(users);
  if (query.format === 'timeseries') {
    const { blocks } = yield* runSeries(report, context, gathered, range, 'day', 'utc');
    return (yield* timeSeriesOf(blocks)).series.length;
  }
  const { blocks } = yield* runReport(report, context, gathered, range, undefined, 'utc');
  return (yield* tableOf(selectionOf(report, query).shown, blocks)).length;
}

/** The result of work, and how often it can be interrupted. */
function counted<T>(work: Work<T>): { result: T; interruptions: number } {
  for (let interruptions = 0; ; interruptions += 1) {
    const step = work.next();
    if (step.done) {
      return { result: step.value, interruptions };
    }
  }
}

it.each<[UsageQuery, number]>([
  [{ queryType: 'breakdown', groupBy: 'user' }, 6000],
  [{ queryType: 'breakdown', groupBy: 'user', limit: 10 }, 11],
  [{ queryType: 'breakdown', groupBy: 'service' }, 6000],
  [{ queryType: 'breakdown', groupBy: 'service', format: 'timeseries' }, 6000],
  [{ queryType: 'breakdown', groupBy: 'service', format: 'timeseries', limit: 10 }, 11],
  [{ queryType: 'metric', metric: 'requests-per-user', limit: 10 }, 11],
  [{ queryType: 'services' }, 6000],
  [{ queryType: 'membership' }, 3],
  [{ queryType: 'reconciliation' }, 9],
])('answers %j in steps, more of them for more users', (query, size) => {
  const many = counted(answer(query, 6000));
  const few = counted(answer(query, 1000));
  expect(many.result).toBe(size);
  // An interruption for each 1000 users at the least.
  expect(many.interruptions - few.interruptions).toBeGreaterThanOrEqual(5);
});

it('sorts in steps as sorting at once does, equal ones as they stand', () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.nat({ max: 20 }), fc.nat()), { maxLength: 60 }),
      fc.nat({ max: 200 }),
      (list, times) => {
        const items = Array.from({ length: times }, () => list).flat();
        const compare = ([one]: [number, number], [other]: [number, number]) => one - other;
        expect(finish(sortedInSteps(items, compare))).toEqual([...items].sort(compare));
      }
    ),
    { numRuns: 30 }
  );
  expect(
    counted(
      sortedInSteps(
        Array.from({ length: 20_000 }, (_, index) => index),
        (a, b) => b - a
      )
    ).interruptions
  ).toBeGreaterThan(20);
});
