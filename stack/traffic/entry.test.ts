import { instantOf, millisecondOf, timestampText } from './entry';

const hour = Date.parse('2026-06-15T10:00:00Z');

// The contract's counting rule 5: a line belongs to the millisecond at or after its timestamp.
it.each([
  [0, 0],
  [1, 1],
  [1_000_000, 1],
  [1_000_001, 2],
  [-1, 0],
  [-999_999, 0],
])('puts the offset %i ns into millisecond %i', (offset, expected) => {
  expect(millisecondOf(offset)).toBe(expected);
});

it('writes nanoseconds since the epoch, also before the hour', () => {
  expect(timestampText(hour, 1_500_000)).toBe(`${hour + 1}500000`);
  expect(timestampText(hour, -1)).toBe(`${hour - 1}999999`);
  expect(instantOf(hour, -1)).toEqual({ time: hour - 1, nanoseconds: 999_999 });
});
