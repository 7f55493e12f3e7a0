import { lastValueFrom, of } from 'rxjs';

import { minuteMs } from '../domain/duration';
import { LruStore } from '../hours/cache/lruStore';
import { type UsageView } from '../hours/view';
import { type LedgerView } from '../requests/ledger';
import { MemoryBudget } from '../runtime/memoryBudget';
import { UpstreamError } from '../upstream/errors';
import { Rounds } from './rounds';

const range = { start: 0, end: 1000 };
const question = { range, readAgain: false };

/** Asks and waits for the answer, which counts how often it was made. */
function openRounds(memory?: MemoryBudget) {
  let now = 1_000_000;
  let made = 0;
  const rounds = new Rounds(() => now, memory);
  const usage = (parts: Partial<UsageView> = {}): UsageView => ({
    windows: [{ ...range, hours: new Map([['made', (made += 1)]]) }],
    missing: [],
    notes: [],
    warnings: [],
    ...parts,
  });
  const ask = async (asker: string, asked = question, parts: Partial<UsageView> = {}) => {
    const round = rounds.join(asked, asker, now);
    const view = await lastValueFrom(round.usage.get('cpu', () => of(usage(parts))));
    round.hasAnswered(asker);
    return view.windows[0]?.hours.get('made');
  };
  return { rounds, ask, wait: (ms: number) => (now += ms) };
}

it('gives a panel that comes later what the others were given', async () => {
  const { ask, wait } = openRounds();
  expect(await ask('a')).toBe(1);
  wait(4 * minuteMs);
  expect(await ask('b')).toBe(1);
});

it('begins anew for the first that asks again, and goes on with the others', async () => {
  const { ask, wait } = openRounds();
  await ask('a');
  await ask('b');
  wait(3000);
  expect(await ask('b')).toBe(2);
  expect(await ask('a')).toBe(2);
  expect(await ask('c')).toBe(2);
  expect(await ask('a')).toBe(3);
});

it('takes two that wait at the same time for two panels, and one that asks again without an answer for one that goes on', () => {
  const { rounds } = openRounds();
  const first = rounds.join(question, 'a', 0);
  expect(rounds.join(question, 'a', 0)).toBe(first);
  first.hasAnswered('a');
  expect(rounds.join(question, 'b', 0)).toBe(first);
  expect(rounds.join(question, 'a', 0)).not.toBe(first);
});

it.each([
  ['after five minutes', 5 * minuteMs + 1],
  ['when the clock was set back', -6 * minuteMs],
])('ends %s', async (_, ms) => {
  const { ask, wait } = openRounds();
  await ask('a');
  wait(ms);
  expect(await ask('b')).toBe(2);
});

it('shares nothing between ranges', async () => {
  const { ask } = openRounds();
  await ask('a');
  expect(await ask('b', { range: { start: 0, end: 1001 }, readAgain: false })).toBe(2);
});

it('shares what is read again for a moment only, and shows the others what is newer', async () => {
  const { ask, wait } = openRounds();
  await ask('a');
  const again = { range, readAgain: true };
  expect(await ask('b', again)).toBe(2);
  expect(await ask('c', again)).toBe(2);
  wait(2001);
  expect(await ask('d', again)).toBe(3);
  expect(await ask('e')).toBe(4);
});

it.each<[string, Partial<UsageView>]>([
  ['a window that could not be read', { windows: [], missing: [range] }],
  ['an answer that the engine calls partial', { warnings: ['a store is down'] }],
])('keeps %s for a moment only', async (_, parts) => {
  const { rounds, wait } = openRounds();
  let made = 0;
  const view = { windows: [{ ...range, hours: new Map<string, number>() }], missing: [], notes: [], warnings: [] };
  const ask = async (asker: string) => {
    const round = rounds.join(question, asker, 1_000_000);
    await lastValueFrom(round.usage.get('cpu', () => of({ ...view, ...parts, notes: [String((made += 1))] })));
    return made;
  };
  expect(await ask('a')).toBe(1);
  expect(await ask('b')).toBe(1);
  wait(2001);
  expect(await ask('c')).toBe(2);
});

describe('memory', () => {
  const view = (missing: LedgerView['missing'] = []): LedgerView => ({
    span: range,
    cells: [{ ...range, ids: new Uint32Array([1]), counts: new Uint32Array([1]), unparsed: 0 }],
    missing,
    table: undefined as never,
  });

  async function keepView(rounds: Rounds, end: number, kept = view()) {
    const round = rounds.join({ range: { start: 0, end }, readAgain: false }, 'a', 1_000_000);
    await lastValueFrom(round.views.get('requests', () => of(kept)));
    return round;
  }

  it('counts the cells of whole views', async () => {
    const { rounds } = openRounds();
    await keepView(rounds, 1);
    const { bytes } = rounds;
    expect(bytes).toBeGreaterThan(0);
    await keepView(rounds, 2);
    expect(rounds.bytes).toBe(2 * bytes);
    await keepView(rounds, 3, view([{ ...range, reason: new UpstreamError('cancelled', 'down') }]));
    expect(rounds.bytes).toBe(2 * bytes);
  });

  it('holds four ranges at most', async () => {
    const { rounds } = openRounds();
    const first = await keepView(rounds, 1);
    const { bytes } = rounds;
    for (let end = 2; end <= 5; end += 1) {
      await keepView(rounds, end);
    }
    expect(rounds.bytes).toBe(4 * bytes);
    expect(rounds.current({ range: { start: 0, end: 1 }, readAgain: false }, 1_000_000)).not.toBe(first);
  });

  it('gives way before what would have to be read again, the earliest round first', async () => {
    const budget = new MemoryBudget(3000);
    const { rounds } = openRounds(budget);
    const store = new LruStore<{ size: number }>(1000, budget);
    await keepView(rounds, 1);
    const { bytes } = rounds;
    const second = await keepView(rounds, 2);
    const fitting = Math.floor((3000 - bytes) / 100);
    for (let index = 0; index < fitting; index += 1) {
      store.set(String(index), { size: 1 });
    }
    expect(rounds.bytes).toBe(bytes);
    expect(rounds.current({ range: { start: 0, end: 2 }, readAgain: false }, 1_000_000)).toBe(second);
    for (let index = fitting; index < 30; index += 1) {
      store.set(String(index), { size: 1 });
    }
    expect([rounds.bytes, store.bytes]).toEqual([0, 3000]);
  });
});
