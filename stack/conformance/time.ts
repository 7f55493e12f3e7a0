/** As bigint: a number cannot hold today's nanoseconds. */
export const nanosecondsPerMillisecond = BigInt(1_000_000);
const rfc3339 = /^(\d{4}-\d{2}-\d{2})[Tt ](\d{2}:\d{2}:\d{2})(?:\.(\d{1,9}))?([Zz]|[+-]\d{2}:\d{2})$/;

/** An RFC 3339 time with up to nine decimals as nanoseconds since the epoch; undefined when it is none. */
export function parseNanoseconds(time: string): bigint | undefined {
  const [, date, clock, fraction = '', zone] = rfc3339.exec(time) ?? [];
  const milliseconds = Date.parse(`${date}T${clock}${zone?.toUpperCase()}`);
  return Number.isNaN(milliseconds)
    ? undefined
    : BigInt(milliseconds) * nanosecondsPerMillisecond + BigInt(fraction.padEnd(9, '0'));
}
