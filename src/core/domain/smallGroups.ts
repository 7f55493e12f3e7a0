import { compareText } from './text';

/** A group and how many people are in it. */
export type Group = readonly [name: string, people: number];

/** True for a group so small that what is said of it may be said of somebody; nobody is in an empty one. */
export function isSmallGroup(people: number, smallest: number): boolean {
  return people > 0 && people < smallest;
}

/**
 * The groups of which the people are not shown (contract, option `smallestGroup`): those of 1 to `smallest` - 1. Where that is just
 * one, the next smallest with it, so that it can't be told from a total and the others; of equal ones the first by name.
 */
export function hiddenGroups(groups: Iterable<Group>, smallest: number): Set<string> {
  const hidden = new Set<string>();
  let next: Group | undefined;
  for (const group of groups) {
    const [name, people] = group;
    if (isSmallGroup(people, smallest)) {
      hidden.add(name);
    } else if (people > 0 && (!next || people < next[1] || (people === next[1] && compareText(name, next[0]) < 0))) {
      next = group;
    }
  }
  return hidden.size === 1 && next ? hidden.add(next[0]) : hidden;
}
