/** A PromQL duration. @throws RangeError unless it is a whole number of ms above 0. */
export function duration(ms: number): string {
  if (!Number.isInteger(ms) || ms <= 0) {
    throw new RangeError(`${ms} is not a duration in ms`);
  }
  return `${ms}ms`;
}

/** Gives every series of a vector a label with a fixed value, by which the parts of a union are distinguished. */
export function marked(expr: string, label: string, value: string): string {
  return `label_replace(${expr}, "${label}", "${value}", "", "")`;
}

/** All series of several vectors, which must differ in their labels. */
export function union(...parts: readonly string[]): string {
  return parts.map((part) => `(${part})`).join(' or ');
}

/** Whether two queries, or templates of queries, differ in nothing but white space between their parts. */
export function isSameQuery(one: string, other: string): boolean {
  const visible = (query: string) => query.replace(/\s/g, '');
  // First what takes linear time: an option may be any text.
  return one === other || (visible(one) === visible(other) && inParts(one) === inParts(other));
}

/** A query with one blank between any two of its strings, placeholders, words and signs. */
function inParts(query: string): string {
  const trimmed = query.replace(/\{\{\s*(\w+)\s*\}\}/g, '{{$1}}');
  const parts = trimmed.match(/"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|`[^`]*`|\{\{\w+\}\}|[\w:.]+|\S/g);
  return (parts ?? []).join(' ');
}
