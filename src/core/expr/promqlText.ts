/** A PromQL duration. @throws RangeError unless it is a whole number of ms above 0. */
export function duration(ms: number): string {
  if (!Number.isInteger(ms) || ms <= 0) {
    throw new RangeError(`${ms} is not a duration in ms`);
  }
  return `${ms}ms`;
}

/** Gives every series of a vector a label with a fixed value, by which the parts of a union are told apart. */
export function marked(expr: string, label: string, value: string): string {
  return `label_replace(${expr}, "${label}", "${value}", "", "")`;
}

/** All series of several vectors, which must differ in their labels. */
export function union(...parts: readonly string[]): string {
  return parts.map((part) => `(${part})`).join(' or ');
}
