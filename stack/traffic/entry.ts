import type { Stream } from './streams';

/**
 * One log line. Its time is relative to the start of its hour, because nanoseconds since the epoch do not fit into a
 * JavaScript number.
 */
export interface Entry {
  offsetNanoseconds: number;
  stream: Stream;
  line: string;
}

const millisecond = 1_000_000;

/** Number of milliseconds in [0, 3 600 000): the one, within the hour, that an entry of that offset belongs to. */
export function millisecondOf(offsetNanoseconds: number): number {
  // The contract's counting rule 5: a line belongs to the millisecond at or after its timestamp. "+ 0" turns -0 into 0.
  return Math.ceil(offsetNanoseconds / millisecond) + 0;
}

/** Nanoseconds since the epoch as decimal text, which is what Loki's push API takes. */
export function timestampText(hourStart: number, offsetNanoseconds: number): string {
  const { time, nanoseconds } = instantOf(hourStart, offsetNanoseconds);
  return `${time}${String(nanoseconds).padStart(6, '0')}`;
}

/** Whole milliseconds since the epoch (rounded down), and the nanoseconds that remain (0 to 999 999). */
export function instantOf(hourStart: number, offsetNanoseconds: number): { time: number; nanoseconds: number } {
  const whole = Math.floor(offsetNanoseconds / millisecond);
  return { time: hourStart + whole, nanoseconds: offsetNanoseconds - whole * millisecond };
}
