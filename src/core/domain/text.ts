/** Order by code unit: the same on every machine, whatever its language. */
export function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** The same text in memory of its own: a part of a text keeps the whole of it alive, such as a log line. */
export function copyOf(text: string): string {
  return ` ${text}`.slice(1);
}

/** A time (ms since the epoch) in UTC as of RFC 3339, with milliseconds. */
export function isoTime(ms: number): string {
  return new Date(ms).toISOString();
}

/** `1 line`, `1,876 lines`: a count with what it counts, as people read it. Grouped as in English, whatever the machine's language. */
export function amountOf(count: number, one: string, many = `${one}s`): string {
  return `${inGroups(count)} ${count === 1 ? one : many}`;
}

/** A text of at most so many characters (UTF-16 code units): a longer one ends in `…`. */
export function shortened(text: string, characters: number): string {
  return text.length > characters ? `${text.slice(0, characters - 1).trimEnd()}…` : text;
}

/** `a`, `a and b`, `a, b and c`. */
export function inWords(parts: readonly string[]): string {
  const [last = '', ...others] = [...parts].reverse();
  return others.length > 0 ? `${others.reverse().join(', ')} and ${last}` : last;
}

/** `1,876`: a number as people read it. */
export function inGroups(count: number): string {
  return count.toLocaleString('en-US');
}
