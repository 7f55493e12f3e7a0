import { hourlyRequests } from '../../testing/hourlyRequests';
import { open } from '../../testing/ledgerFixtures';

const { entries, span } = hourlyRequests(48, 20);

describe('a reading that has ended', () => {
  beforeEach(() => jest.useFakeTimers({ doNotFake: ['queueMicrotask'] }));
  afterEach(() => jest.useRealTimers());

  it('is not kept any longer than it serves others, also where nobody asks again', async () => {
    let now = span.end;
    const { loki, read } = open(entries, {}, () => now);
    await read({ span, zone: 'utc', granularity: 'hour' });
    const before = loki.requests.length;
    await read({ span, zone: 'utc', granularity: 'day' });
    // The open end comes from the same reading.
    expect(loki.requests.length).toBe(before);
    now += 2500;
    jest.advanceTimersByTime(2500);
    await read({ span, zone: 'utc', granularity: 'day' });
    expect(loki.requests.length).toBeGreaterThan(before);
  });
});
