import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { lastValueFrom } from 'rxjs';

import { dayMs, hourMs } from '../../src/core/domain/duration';
import { type Span } from '../../src/core/domain/span';
import { defaultRecordsSelector } from '../../src/core/optionsSchema';
import { type DayCounts, type DayHours, recordFamilies, spanOfDay } from '../../src/core/records/dayRecord';
import { type RecordedDay } from '../../src/core/records/readRecords';
import { RecordArchive } from '../../src/core/records/recordArchive';
import { numbersIn, recordedCells, recordedHours } from '../../src/core/records/recordedCells';
import { countKeys } from '../../src/core/requests/counting';
import { gridOf } from '../../src/core/requests/grid';
import { KeyTable } from '../../src/core/requests/keyTable';
import { lokiClient } from '../../src/core/upstream/connections';
import { fetchConnections } from '../../src/core/upstream/fetchConnections';
import { provenTransport } from '../../src/core/upstream/proof';
import { StatedLimits } from '../../src/core/upstream/statedLimits';
import { stopEngines } from '../../stack/engines';
import { type OpenStack } from '../../stack/openStack';
import { expectedSummary } from '../../stack/traffic';
import { type CommandLine, openCommandLine } from './support/commandLine';
import { fixedTraffic, openTraffic } from './support/traffic';

let directory: string;
let stack: OpenStack;
let program: CommandLine;
let direct: Record<string, string>;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'oscar-metrics-engines-'));
  program = await openCommandLine();
  stack = await openTraffic(directory, fixedTraffic);
  direct = { OSCAR_LOKI_URL: stack.loki.url, OSCAR_PROMETHEUS_URL: stack.prometheus.url };
});

afterAll(async () => {
  program?.close();
  await stopEngines();
  rmSync(directory, { recursive: true, force: true });
});

/** Around the day on which Madrid sets its clock back. */
const days = ['2025-10-25', '2025-10-26', '2025-10-27'];

async function recordedDays(): Promise<RecordedDay[]> {
  const connections = fetchConnections({ loki: { url: stack.loki.url } });
  const client = lokiClient({ ...connections, transport: provenTransport(connections.transport) });
  const archive = new RecordArchive(() => Date.now(), new StatedLimits());
  const span = { start: Date.parse(days[0] ?? ''), end: Date.parse(days[2] ?? '') + dayMs };
  return lastValueFrom(
    archive.find(client, { selector: defaultRecordsSelector, trust: {}, families: recordFamilies, span })
  );
}

it('records days, once, and as they are counted anew', async () => {
  const first = await program.run(['record', '--days', `${days[0]}..${days[2]}`, '--allow-incomplete'], direct);
  expect(first.stderr).toMatch(/records written, read again and valid/);
  expect(first.code).toBe(0);
  const again = await program.run(['record', '--days', `${days[0]}..${days[2]}`, '--families', 'requests'], direct);
  expect([again.code, again.stdout]).toEqual([0, '']);
  const verified = await program.run(['verify', '--days', `${days[0]}..${days[2]}`, '--random', '0'], direct);
  expect(verified.stdout).toMatch(/different: 0/);
  expect(verified.code).toBe(0);
});

it('holds the requests of the truth, also of the days of another time zone', async () => {
  const recorded = await recordedDays();
  const table = new KeyTable(() => undefined, '');
  const whole: Span = { start: Date.parse('2025-10-25T22:00Z'), end: Date.parse('2025-10-26T23:00Z') };
  expect(whole.end - whole.start).toBe(25 * hourMs);
  const cells = recorded.flatMap(({ family, day, valid }) => {
    if (family !== 'requests' || !valid) {
      return [];
    }
    const record = valid.record as DayCounts;
    const span = spanOfDay(day) as Span;
    return recordedCells(record, span, whole, gridOf(whole, 'Europe/Madrid', 'day'), numbersIn(table, record)).cells;
  });
  const keys = countKeys({ cells, table }, whole, undefined);
  const expected = expectedSummary(stack.truth, { from: whole.start, to: whole.end });
  const processed = keys.where('outcome', (outcome) => outcome !== 'rejected');
  expect(processed.total).toBe(expected.requests_count_total);
  expect(processed.countBy('user').size).toBe(expected.users_count);
});

it('holds the exposed requests of the truth', async () => {
  const recorded = await recordedDays();
  for (const day of days) {
    const own = recorded.find((one) => one.family === 'exposed' && one.day === day)?.valid?.record as DayCounts;
    const table = new KeyTable(() => undefined, '');
    const span = spanOfDay(day) as Span;
    const { cells } = recordedCells(own, span, span, gridOf(span, 'utc', 'hour'), numbersIn(table, own));
    const processed = countKeys({ cells, table }, span, undefined).where(
      'outcome',
      (outcome) => outcome !== 'rejected'
    );
    const expected = expectedSummary(stack.truth, { from: span.start, to: span.end });
    expect([day, processed.total]).toEqual([day, expected.requests_count_exposed]);
  }
});

it.each(['cpu', 'gpu'] as const)('holds the %s hours of the reports', async (family) => {
  const recorded = (await recordedDays()).filter((one) => one.family === family && one.valid);
  expect(recorded).toHaveLength(days.length);
  for (const { day, valid } of recorded) {
    const hours = recordedHours(valid?.record as DayHours, spanOfDay(day) as Span, spanOfDay(day) as Span);
    const column = `${family}_hours_total` as const;
    const { stdout } = await program.run(
      ['report', '--from', day, '--to', day, '--columns', column, '--format', 'json'],
      direct
    );
    const [row] = (JSON.parse(stdout) as { rows: Array<Record<typeof column, number>> }).rows;
    const sum = [...hours.values()].reduce((total, own) => total + own, 0);
    expect(sum).toBeGreaterThan(0);
    expect(Math.abs(sum - (row?.[column] ?? NaN))).toBeLessThan(1e-6 * sum);
  }
});
