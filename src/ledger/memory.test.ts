import { epoch, type KnownEntry, managerLine } from '../testing/arbitraries';
import { open } from '../testing/ledgerFixtures';

const hourMs = 3_600_000;

const entries = Array.from({ length: 48 * 20 }, (_, index): KnownEntry => {
  const meaning = {
    type: 'sync' as const,
    service: 'a',
    user: `u${index % 20}`,
    country: 'unknown',
    outcome: 'succeeded' as const,
  };
  return {
    time: BigInt(epoch + Math.floor(index / 20) * hourMs + 1) * 1_000_000n,
    labels: {},
    line: managerLine(meaning, 'seconds'),
    meaning,
  };
});
const span = { start: epoch, end: epoch + 48 * hourMs };

describe('a reading that has ended', () => {
  beforeEach(() => jest.useFakeTimers({ doNotFake: ['queueMicrotask'] }));
  afterEach(() => jest.useRealTimers());

  it('is not kept any longer than it serves others, also where nobody asks again', async () => {
    const { loki, read } = open(entries, {}, () => span.end);
    await read({ span, zone: 'utc', granularity: 'hour' });
    const before = loki.requests.length;
    await read({ span, zone: 'utc', granularity: 'day' });
    // The open end comes from the same reading.
    expect(loki.requests.length).toBe(before);
    jest.advanceTimersByTime(2500);
    await read({ span, zone: 'utc', granularity: 'day' });
    expect(loki.requests.length).toBeGreaterThan(before);
  });
});
