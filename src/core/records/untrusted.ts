/** Why what was read is no record, or not the one that it should be: for people. */
export class Refusal extends Error {}

/** Throws a `Refusal` unless it holds. */
export function requireThat(holds: boolean, otherwise: string): asserts holds {
  if (!holds) {
    throw new Refusal(otherwise);
  }
}

/** An object whose keys are these, and no other; those that are optional end in `?`. */
export function objectIn<const K extends string>(
  value: unknown,
  keys: readonly K[],
  what: string
): Record<K extends `${infer Name}?` ? Name : K, unknown> {
  requireThat(typeof value === 'object' && value !== null && !Array.isArray(value), `${what} is no object`);
  const allowed = new Set(keys.map((key) => key.replace('?', '')));
  const known = keys.every((key) => key.endsWith('?') || Object.hasOwn(value, key));
  const unknown = Object.keys(value).find((key) => !allowed.has(key));
  requireThat(known, `${what} lacks one of ${[...allowed].join(', ')}`);
  requireThat(unknown === undefined, `${what} has an unknown key`);
  return value as ReturnType<typeof objectIn<K>>;
}

export function textIn(value: unknown, most: number, what: string): string {
  requireThat(typeof value === 'string' && value.length <= most, `${what} is no text of at most ${most} characters`);
  return value;
}

export function oneOf<const T extends string>(value: unknown, texts: readonly T[], what: string): T {
  requireThat(texts.includes(value as T), `${what} is none of ${texts.join(', ')}`);
  return value as T;
}

export function wholeIn(value: unknown, most: number, what: string): number {
  requireThat(Number.isSafeInteger(value) && (value as number) >= 0, `${what} is no whole number`);
  requireThat((value as number) <= most, `${what} is above ${most}`);
  return value as number;
}

export function listIn(value: unknown, most: number, what: string): unknown[] {
  requireThat(Array.isArray(value) && value.length <= most, `${what} is no list of at most ${most} entries`);
  return value;
}

/** Names, each once, in the order of their code units. */
export function namesIn(value: unknown, most: number, isName: (name: string) => boolean, what: string): string[] {
  const names = listIn(value, most, what);
  names.forEach((name) => requireThat(typeof name === 'string' && isName(name), `${what} hold what is no such name`));
  return names as string[];
}

/** Whole numbers from `least` to `most`. */
export function columnIn(value: unknown, length: number, [least, most]: [number, number], what: string): Float64Array {
  requireThat(Array.isArray(value) && value.length === length, `${what} are not ${length} numbers`);
  const numbers = new Float64Array(length);
  for (let index = 0; index < length; index += 1) {
    const number: unknown = value[index];
    requireThat(
      Number.isSafeInteger(number) && (number as number) >= least && (number as number) <= most,
      `${what} hold what is no whole number from ${least} to ${most}`
    );
    numbers[index] = number as number;
  }
  return numbers;
}

/** Where parts end, from their lengths, which together are `total`. */
export function endsIn(value: unknown, parts: number, most: number, what: string): Uint32Array {
  const lengths = columnIn(value, parts, [0, most], what);
  let end = 0;
  const ends = Uint32Array.from(lengths, (length) => (end = Math.min(end + length, most + 1)));
  requireThat(end <= most, `${what} are more than ${most} together`);
  return ends;
}

/** Numbers below `below`, ascending and different in each part, from their differences. */
export function ascendingIn(value: unknown, ends: Uint32Array, below: number, what: string): Uint32Array {
  const length = ends[ends.length - 1] ?? 0;
  const differences = columnIn(value, length, [0, Math.max(0, below - 1)], what);
  const numbers = new Uint32Array(length);
  let part = 0;
  let number = 0;
  for (let index = 0; index < length; index += 1) {
    const begins = index === 0 || index === ends[part];
    while (index >= (ends[part] as number)) {
      part += 1;
    }
    const difference = differences[index] as number;
    requireThat(begins || difference > 0, `${what} are not ascending`);
    number = begins ? difference : number + difference;
    requireThat(number < below, `${what} name what is not there`);
    numbers[index] = number;
  }
  return numbers;
}
