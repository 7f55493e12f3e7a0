import { epoch, type KnownEntry, managerLine } from '../testing/arbitraries';
import { connectionsOver, withoutPrometheus } from '../testing/connections';
import { FakeLoki } from '../testing/fakeLoki';
import { withProofs } from '../testing/proofs';
import { type Answer } from './answer';
import { hourMs } from './domain/duration';
import { createSession } from './session';
import { settingsFrom } from './settings';

type Shown = Extract<Answer, { kind: 'table' }>;

const days = 6;
const range = { start: epoch, end: epoch + days * 24 * hourMs };

const entries: KnownEntry[] = Array.from({ length: days * 24 }, (_, hour) => {
  const meaning = {
    type: 'sync' as const,
    service: 'a',
    user: `user-${hour}`,
    country: 'ES',
    outcome: 'succeeded' as const,
  };
  const line = managerLine(meaning, 'seconds');
  const labels = { geoip_country_code: 'ES' };
  return { time: BigInt(epoch + hour * hourMs + 5) * 1_000_000n, labels, line, meaning };
});

beforeEach(() => {
  jest.useFakeTimers();
});

afterEach(() => {
  jest.useRealTimers();
});

/** A page with panels about the users, on a Loki that takes its time for each answer. */
function openPage(delayMs: number) {
  const loki = new FakeLoki(entries, { delayMs, maxSeries: 5, maxEntries: 12 });
  const connections = connectionsOver(withoutPrometheus(withProofs(loki.transport)));
  const session = createSession(settingsFrom({}), connections);
  const openPanel = () => {
    const results: Shown[] = [];
    const query = { queryType: 'breakdown' as const, groupBy: 'user' as const };
    const subscription = session
      .answer(query, range, 'utc', range.end + 24 * hourMs)
      .subscribe((result) => results.push(result as Shown));
    return { results, subscription };
  };
  return { loki, openPanel };
}

const valuesOf = ({ table: { columns } }: Shown, column: string): unknown[] =>
  columns.find(({ name }) => name === column)?.values ?? [];
const executions = (shown: Shown): number =>
  valuesOf(shown, 'executions_count').reduce<number>((sum, count) => sum + Number(count), 0);
const warning = ({ notices }: Shown) => notices.find(({ severity }) => severity === 'warning')?.text ?? '';
const completeness = (shown: Shown) => valuesOf(shown, 'completeness');

it('emits once when Loki is quick', async () => {
  const { results } = openPage(10).openPanel();
  await jest.advanceTimersByTimeAsync(60_000);
  expect(results.map(({ loading }) => loading)).toEqual([false]);
  expect(executions(results[0] as Shown)).toBe(entries.length);
});

it('shows flagged figures of what was read so far when Loki is slow', async () => {
  const { results } = openPage(400).openPanel();
  await jest.advanceTimersByTimeAsync(60_000);
  const last = results[results.length - 1] as Shown;
  const interim = results.slice(0, -1);
  expect(last.loading).toBe(false);
  expect(executions(last)).toBe(entries.length);
  expect(warning(last)).not.toContain('still loading');

  expect(interim.length).toBeGreaterThan(2);
  const counts = interim.map(executions);
  expect(counts).toEqual([...counts].sort((a, b) => a - b));
  expect(counts[counts.length - 1]).toBeLessThanOrEqual(entries.length);
  expect(counts.some((count) => count > 0 && count < entries.length)).toBe(true);
  for (const result of interim) {
    expect(result.loading).toBe(true);
    expect(warning(result)).toMatch(/\d+(\.\d)? of 6 days still loading|still loading: 0 of 6 days read/);
    expect(completeness(result)).not.toContain('ok');
  }
});

it('shows packets no more often than every two seconds', async () => {
  const { results } = openPage(400).openPanel();
  const seen: number[] = [];
  for (let ms = 0; ms < 12_000 && results.every(({ loading }) => loading); ms += 100) {
    await jest.advanceTimersByTimeAsync(100);
    seen.push(results.length);
  }
  expect(seen[13]).toBe(0);
  expect(seen[15]).toBe(1);
  expect(seen[33]).toBe(1);
});

it('reads once for several panels, and stops when the last one is closed', async () => {
  const page = openPage(400);
  const first = page.openPanel();
  const second = page.openPanel();
  await jest.advanceTimersByTimeAsync(4000);
  const spans = page.loki.countedSpans.map(({ start, end }) => `${start}-${end}`);
  expect(new Set(spans).size).toBe(spans.length);
  expect(second.results.length).toBe(first.results.length);

  first.subscription.unsubscribe();
  expect(page.loki.active).toBeGreaterThan(0);
  second.subscription.unsubscribe();
  expect(page.loki.active).toBe(0);
  const sent = page.loki.requests.length;
  await jest.advanceTimersByTimeAsync(60_000);
  expect(page.loki.requests.length).toBe(sent);
  expect(jest.getTimerCount()).toBe(0);
});
