import fc from 'fast-check';

import { minuteMs } from '../../domain/duration';
import { minutesOf, valueIn } from './minutes';

const samples = fc
  .uniqueArray(fc.tuple(fc.integer({ min: -20 * minuteMs, max: 40 * minuteMs }), fc.nat(9)), { selector: ([at]) => at })
  .map((list) => list.sort(([a], [b]) => a - b));

it('gives what the engine does at each minute: the greatest last value of the series that have one not too long before', () => {
  fc.assert(
    fc.property(
      fc.array(samples, { maxLength: 3 }),
      fc.integer({ min: 1, max: 7 * minuteMs }),
      fc.nat(20),
      fc.nat(20),
      (twins, backMs, start, length) => {
        const minutes = minutesOf(twins, backMs, { start: start * minuteMs, end: (start + length) * minuteMs });
        for (let minute = -30; minute < 60; minute += 1) {
          const at = minute * minuteMs;
          const last = twins.flatMap((one) => one.filter(([time]) => time <= at && time > at - backMs).slice(-1));
          const isInside = minute >= start && minute < start + length;
          const expected = isInside && last.length > 0 ? Math.max(...last.map(([, value]) => value)) : NaN;
          expect([minute, valueIn(minutes, minute)]).toEqual([minute, expected]);
        }
      }
    )
  );
});
