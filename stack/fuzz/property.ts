import fc from 'fast-check';

/** Something that must hold whatever is given. */
export interface FuzzProperty {
  name: string;
  /** Share of the runs; what takes longer gets fewer. */
  weight: number;
  /** Says what does not hold, with the smallest example; undefined when it held in all runs. */
  run: (runs: number, seed: number) => string | undefined;
}

/** `check` throws where the property does not hold. */
export function property<T>(
  name: string,
  weight: number,
  given: fc.Arbitrary<T>,
  check: (value: T) => void
): FuzzProperty {
  return {
    name,
    weight,
    run: (numRuns, seed) => {
      const details = fc.check(fc.property(given, check), { numRuns, seed });
      if (!details.failed) {
        return undefined;
      }
      const error = details.errorInstance;
      const example = fc.stringify(details.counterexample);
      return `${error instanceof Error ? error.message : String(error)} with ${example.slice(0, 400)} (seed ${details.seed})`;
    },
  };
}

/** Throws unless it is so. */
export function demand(isSo: boolean, what: string): asserts isSo {
  if (!isSo) {
    throw new Error(what);
  }
}

/** Throws unless both are the same text or number, or lists of such. */
export function demandEqual(actual: unknown, expected: unknown, what: string): void {
  const [own, other] = [JSON.stringify(actual), JSON.stringify(expected)];
  demand(own === other, `${what}: ${own?.slice(0, 200)} instead of ${other?.slice(0, 200)}`);
}
