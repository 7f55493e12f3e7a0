/** The list with one entry changed. */
export function withEntry<Entry>(list: readonly Entry[], index: number, changes: Partial<Entry>): Entry[] {
  return list.map((entry, at) => (at === index ? { ...entry, ...changes } : entry));
}

/** The list without one entry. */
export function withoutEntry<Entry>(list: readonly Entry[], index: number): Entry[] {
  return list.filter((_, at) => at !== index);
}

/** The list with one entry before its predecessor. */
export function withEntryMovedUp<Entry>(list: readonly Entry[], index: number): Entry[] {
  const moved = list[index];
  if (index <= 0 || moved === undefined) {
    return [...list];
  }
  const others = withoutEntry(list, index);
  return [...others.slice(0, index - 1), moved, ...others.slice(index - 1)];
}
