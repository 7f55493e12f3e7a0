import fc from 'fast-check';
import { lastValueFrom } from 'rxjs';

import { belongsTo, entries, epoch, type KnownEntry, recount, zone } from '../../testing/arbitraries';
import { connectionsOver, withoutPrometheus } from '../../testing/connections';
import { FakeLoki, type FakeLokiOptions } from '../../testing/fakeLoki';
import { withProofs } from '../../testing/proofs';
import { dayMs, hourMs } from '../domain/duration';
import { periodsOf } from '../domain/periods';
import { type DayCounts, isComplete } from '../records/dayRecord';
import { readRecords } from '../records/readRecords';
import { numbersIn, recordedCells } from '../records/recordedCells';
import { linesOf } from '../records/writeLines';
import { gridOf } from '../requests/grid';
import { KeyTable } from '../requests/keyTable';
import { settingsFrom } from '../settings';
import { once } from '../upstream/retry';
import { recordDay } from './recordDay';
import { openUpstreams } from './upstreams';

const day = new Date(epoch).toISOString().slice(0, 10);
const span = { start: epoch, end: epoch + dayMs };
const now = epoch + 3 * dayMs;
const settings = settingsFrom({ exposedSelector: '' });

function counted(list: readonly KnownEntry[], options: FakeLokiOptions = {}) {
  const connections = connectionsOver(withoutPrometheus(withProofs(new FakeLoki(list, options).transport)));
  const upstreams = openUpstreams(settings, connections, () => now, { ...once, retries: 0 });
  const asked = {
    day,
    families: ['requests', 'exposed', 'cpu'] as const,
    users: { mode: 'plain' } as const,
    settings,
    now,
  };
  return lastValueFrom(recordDay(asked, upstreams));
}

async function writtenAndRead(record: DayCounts): Promise<DayCounts> {
  const lines = await linesOf(record, day, { recordedAt: now, product: '0.1.0' });
  return (await readRecords(lines)).days[0]?.valid?.record as DayCounts;
}

it('records what the logs hold: the requests of the days of any zone, and when services were first and last called', async () => {
  await fc.assert(
    fc.asyncProperty(entries(30), zone, async (list, inZone) => {
      const [requests] = await counted(list);
      const record = await writtenAndRead(requests?.record as DayCounts);
      const table = new KeyTable(() => undefined, '');
      const { cells, left } = recordedCells(record, span, span, gridOf(span, inZone, 'day'), numbersIn(table, record));
      expect(left).toEqual([]);
      for (const period of periodsOf(span, 'day', inZone)) {
        const own = cells.filter(({ start, end }) => start >= period.start && end <= period.end);
        const counts = new Map<string, number>();
        for (const cell of own) {
          cell.ids.forEach((id, index) => {
            const { type, service, user, country, outcome } = table.keyOf(id);
            const name = [type, service, user, country, outcome].join(' ');
            counts.set(name, (counts.get(name) ?? 0) + (cell.counts[index] as number));
          });
          const { services = [], first = [], last = [] } = cell.seen ?? {};
          for (const [index, service] of services.entries()) {
            const times = list
              .filter(({ time, meaning }) => meaning?.service === service && belongsTo(time, cell))
              .map(({ time }) => Number((time + 999_999n) / 1_000_000n));
            expect([first[index], last[index]]).toEqual([Math.min(...times), Math.max(...times)]);
          }
        }
        expect(counts).toEqual(recount(list, period));
      }
      expect(cells.every(({ seen }) => seen !== undefined)).toBe(true);
    }),
    { numRuns: 15 }
  );
});

it('records nothing of sources that are not configured or do not answer', async () => {
  const [, exposed, cpu] = await counted([]);
  expect(exposed).toMatchObject({ family: 'exposed', state: { unconfigured: true }, failed: false });
  expect(cpu).toMatchObject({ family: 'cpu', state: { status: 'missing' }, failed: true });
  expect([exposed?.record, cpu?.record]).toEqual([undefined, undefined]);
});

it('keeps what is not complete as such', async () => {
  const [requests] = await counted([], { warnings: ['some of it may be missing'] });
  const record = await writtenAndRead(requests?.record as DayCounts);
  expect(isComplete(record)).toBe(false);
  const [short] = await counted([], { lookBack: { ms: 2 * dayMs + 6 * hourMs, now }, statesLimits: false });
  expect(short?.state.status).not.toBe('ok');
});
