/** One sign of a glob: any text, or a test of one character. */
type Sign = '*' | ((character: string) => boolean);

/** True for an entry that stands for more than itself. */
export function isGlob(entry: string): boolean {
  return /[*?[]/.test(entry);
}

/**
 * Whether a glob matches the whole of a text: `*` stands for any text, `?` for any character, `[a-z]` for one of these, `[!a-z]`
 * (or `[^a-z]`) for any other; a backslash takes the meaning from the sign after it. Nothing else has a meaning.
 *
 * Goes back to the last star only: a star before it has found the earliest place for what follows it, which leaves most room. The
 * time is in proportion to the product of both lengths at most.
 */
export function globMatcher(glob: string): (text: string) => boolean {
  const signs = signsOf(glob);
  return (text) => {
    let [sign, at] = [0, 0];
    let [afterStar, from] = [-1, 0];
    while (at < text.length) {
      const wanted = signs[sign];
      if (wanted === '*') {
        sign += 1;
        [afterStar, from] = [sign, at];
      } else if (wanted?.(text[at] as string)) {
        sign += 1;
        at += 1;
      } else if (afterStar >= 0) {
        from += 1;
        [sign, at] = [afterStar, from];
      } else {
        return false;
      }
    }
    return signs.slice(sign).every((rest) => rest === '*');
  };
}

function signsOf(glob: string): Sign[] {
  const signs: Sign[] = [];
  for (let at = 0; at < glob.length; at += 1) {
    const sign = glob[at] as string;
    const set = sign === '[' ? setAt(glob, at) : undefined;
    if (set) {
      signs.push(set.has);
      at = set.end;
    } else if (sign === '*') {
      if (signs[signs.length - 1] !== '*') {
        signs.push('*');
      }
    } else if (sign === '?') {
      signs.push(() => true);
    } else {
      at += sign === '\\' && at + 1 < glob.length ? 1 : 0;
      const literal = glob[at] as string;
      signs.push((character) => character === literal);
    }
  }
  return signs;
}

/** The set of characters that begins at a bracket, and where it ends; undefined where it does not end. */
function setAt(glob: string, start: number): { has: (character: string) => boolean; end: number } | undefined {
  const isNegative = /[!^]/.test(glob[start + 1] ?? '');
  const first = start + (isNegative ? 2 : 1);
  const ranges: Array<readonly [low: string, high: string]> = [];
  let at = first;
  const character = () => {
    at += glob[at] === '\\' ? 1 : 0;
    at += 1;
    return glob[at - 1] ?? '';
  };
  while (at < glob.length) {
    // A bracket that closes nothing is one of the characters.
    if (glob[at] === ']' && at > first) {
      return { has: (one) => ranges.some(([low, high]) => low <= one && one <= high) !== isNegative, end: at };
    }
    const low = character();
    const isRange = glob[at] === '-' && at + 1 < glob.length && glob[at + 1] !== ']';
    at += isRange ? 1 : 0;
    ranges.push([low, isRange ? character() : low]);
  }
  return undefined;
}
