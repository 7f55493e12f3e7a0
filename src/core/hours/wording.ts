/** A number of things: "1 pod", "1,876 pods". */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${count.toLocaleString('en')} ${count === 1 ? one : many}`;
}

/** Up to ten of many names, and how many more there are. */
export function firstOf(names: readonly string[]): string {
  const rest = names.length - maxNames;
  return [...names.slice(0, maxNames), ...(rest > 0 ? [`${rest} more`] : [])].join(', ');
}

const maxNames = 10;

/** In how many gaps something was lost, and when the first of them began (ms since the epoch). */
export function gapsFrom(count: number, firstStart: number): string {
  const from = new Date(firstStart).toISOString();
  return count === 1 ? `in a gap from ${from} on` : `in ${count.toLocaleString('en')} gaps, the first from ${from} on`;
}
