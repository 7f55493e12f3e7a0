/** What a regular expression is made of. Groups are gone: nothing here asks what they captured. */
export type PatternNode =
  | { kind: 'character'; matches: (code: number) => boolean }
  | { kind: 'sequence'; parts: PatternNode[] }
  | { kind: 'choice'; options: PatternNode[] }
  | { kind: 'repeat'; body: PatternNode; min: number; max: number; isLazy: boolean }
  /** Holds at a place between two characters; `isStart` where it holds at the start of a text alone. */
  | { kind: 'edge'; holds: (text: string, position: number) => boolean; isStart?: boolean }
  | { kind: 'look'; body: PatternNode; isBehind: boolean; isNegative: boolean };

/** A part of the language that can't be matched in linear time, or that nobody needs here. */
export class UnsupportedPattern extends Error {}

const quantifier = /(?:([*+?])|\{([0-9]+)(?:(,)([0-9]*))?\})(\??)/y;
const characterClass = /\[(?:[^\\\]]|\\[^])*\]/y;
const escaped = /\\(?:x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|c[A-Za-z]|0(?![0-9])|[^0-9ck])/y;
const escapedUnicode = /\\(?:u\{[0-9a-fA-F]+\}|[pP]\{[^}]*\})/y;
const group = /\((?:\?(?:(<?[=!])|:|<([^>]*)>))?/y;

/**
 * Reads a pattern that ECMAScript accepts, with its flags. Throws `UnsupportedPattern` for back references, octal escapes and
 * modifiers of groups.
 */
export function parsePattern(source: string, flags = ''): PatternNode {
  return new PatternReader(source, flags).read();
}

/** ECMA-262, "Patterns", with the older forms of its Annex B. A character is a UTF-16 code unit. */
class PatternReader {
  private position = 0;

  constructor(
    private readonly source: string,
    private readonly flags: string
  ) {}

  read(): PatternNode {
    const whole = this.choice();
    if (this.position < this.source.length) {
      throw new UnsupportedPattern(`${this.source.slice(this.position)} is not understood`);
    }
    return whole;
  }

  private choice(): PatternNode {
    const options = [this.sequence()];
    while (this.source[this.position] === '|') {
      this.position += 1;
      options.push(this.sequence());
    }
    return options.length === 1 ? (options[0] as PatternNode) : { kind: 'choice', options };
  }

  private sequence(): PatternNode {
    const parts: PatternNode[] = [];
    while (this.position < this.source.length && !'|)'.includes(this.source[this.position] as string)) {
      parts.push(this.repeated(this.atom()));
    }
    return { kind: 'sequence', parts };
  }

  private repeated(body: PatternNode): PatternNode {
    const found = this.take(quantifier);
    if (!found) {
      return body;
    }
    const [, sign, low, comma, high, lazy] = found;
    const isLazy = lazy === '?';
    if (sign !== undefined) {
      return { kind: 'repeat', body, min: sign === '+' ? 1 : 0, max: sign === '?' ? 1 : Infinity, isLazy };
    }
    const min = Number(low);
    return { kind: 'repeat', body, min, max: comma === undefined ? min : high ? Number(high) : Infinity, isLazy };
  }

  private atom(): PatternNode {
    const sign = this.source[this.position] as string;
    switch (sign) {
      case '(':
        return this.group();
      case '[':
        return this.characters(this.take(characterClass)?.[0]);
      case '\\':
        return this.escape();
      case '.':
        this.position += 1;
        return this.characters('.');
      case '^':
      case '$':
        this.position += 1;
        return this.edge(sign);
      default:
        this.position += 1;
        return this.literal(sign);
    }
  }

  private group(): PatternNode {
    const found = this.take(group);
    if (!found || this.source[this.position] === '?') {
      throw new UnsupportedPattern('modifiers of a group, as in (?i:…), are not supported');
    }
    const body = this.choice();
    this.position += 1;
    const look = found[1];
    return look === undefined
      ? body
      : { kind: 'look', body, isBehind: look.startsWith('<'), isNegative: look.endsWith('!') };
  }

  private escape(): PatternNode {
    if (this.flags.includes('u')) {
      const unicode = this.take(escapedUnicode);
      if (unicode) {
        return this.characters(unicode[0]);
      }
    }
    const text = this.take(escaped)?.[0];
    if (text === undefined) {
      if (this.source[this.position + 1] !== 'c') {
        throw new UnsupportedPattern('back references, such as \\1, and octal escapes are not supported');
      }
      // A backslash before a "c" that names no control character stands for itself.
      this.position += 1;
      return this.literal('\\');
    }
    return text === '\\b' || text === '\\B' ? this.edge(text) : this.characters(text);
  }

  /** `^`, `$`, `\b` or `\B`: looks at the characters beside a place. */
  private edge(sign: string): PatternNode {
    const isLineEnd = (text: string, at: number) =>
      this.flags.includes('m') && /[\n\r\u2028\u2029]/.test(text[at] ?? '');
    const isWord = (text: string, at: number) => /\w/.test(text[at] ?? '');
    const isBetween = (text: string, at: number) => isWord(text, at - 1) !== isWord(text, at);
    switch (sign) {
      case '^':
        return {
          kind: 'edge',
          holds: (text, at) => at === 0 || isLineEnd(text, at - 1),
          isStart: !this.flags.includes('m'),
        };
      case '$':
        return { kind: 'edge', holds: (text, at) => at === text.length || isLineEnd(text, at) };
      case '\\b':
        return { kind: 'edge', holds: isBetween };
      default:
        return { kind: 'edge', holds: (text, at) => !isBetween(text, at) };
    }
  }

  private literal(character: string): PatternNode {
    const code = character.charCodeAt(0);
    return this.flags.includes('i')
      ? this.characters(`\\u${code.toString(16).padStart(4, '0')}`)
      : { kind: 'character', matches: (other) => other === code };
  }

  /** What a class or an escape stands for is asked of the engine itself, one character at a time. */
  private characters(text: string | undefined): PatternNode {
    const expression = new RegExp(`^${text}$`, this.flags.replace(/[gym]/g, ''));
    const ofAscii = Uint8Array.from({ length: 128 }, (_, code) => Number(expression.test(String.fromCharCode(code))));
    const matches = (code: number) => (code < 128 ? ofAscii[code] === 1 : expression.test(String.fromCharCode(code)));
    return { kind: 'character', matches };
  }

  private take(expression: RegExp): RegExpExecArray | undefined {
    expression.lastIndex = this.position;
    const found = expression.exec(this.source);
    this.position += found?.[0].length ?? 0;
    return found ?? undefined;
  }
}

/** True for a pattern that can begin at the start of a text only. */
export function beginsAtStart(node: PatternNode): boolean {
  switch (node.kind) {
    case 'edge':
      return node.isStart === true;
    case 'sequence':
      return node.parts[0] !== undefined && beginsAtStart(node.parts[0]);
    case 'choice':
      return node.options.every(beginsAtStart);
    default:
      return false;
  }
}

/** True where something that is repeated without end is itself repeated, as in `(a+)+`. */
export function nestsQuantifiers(node: PatternNode, isRepeated = false): boolean {
  switch (node.kind) {
    case 'sequence':
      return node.parts.some((part) => nestsQuantifiers(part, isRepeated));
    case 'choice':
      return node.options.some((option) => nestsQuantifiers(option, isRepeated));
    case 'repeat':
      return (isRepeated && node.max === Infinity) || nestsQuantifiers(node.body, isRepeated || node.max > 1);
    case 'look':
      return nestsQuantifiers(node.body, isRepeated);
    default:
      return false;
  }
}
