import { hourMs } from '../core/domain/duration';
import { type Span } from '../core/domain/span';
import { epoch, type KnownEntry, managerLine } from './arbitraries';

/** One request of each of some users in every hour after `epoch`, a millisecond past the hour; and the span of these hours. */
export function hourlyRequests(hours: number, users: number): { entries: KnownEntry[]; span: Span } {
  const entries = Array.from({ length: hours * users }, (_, index): KnownEntry => {
    const meaning = {
      type: 'sync' as const,
      service: 'a',
      user: `u${index % users}`,
      country: 'unknown',
      outcome: 'succeeded' as const,
    };
    return {
      time: BigInt(epoch + Math.floor(index / users) * hourMs + 1) * 1_000_000n,
      labels: {},
      line: managerLine(meaning, 'seconds'),
      meaning,
    };
  });
  return { entries, span: { start: epoch, end: epoch + hours * hourMs } };
}
