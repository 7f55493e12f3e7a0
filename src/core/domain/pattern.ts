import { beginsAtStart, nestsQuantifiers, parsePattern, type PatternNode, UnsupportedPattern } from './patternSyntax';

/** More would be no pattern of a user's id, and would take long to match. */
const maxInstructions = 1000;
const maxCharacters = 1000;

/** One step of a pattern; numbers are places in the program. The last instruction says that the pattern matches. */
export type Instruction =
  | { kind: 'character'; matches: (code: number) => boolean; next: number }
  /** In the order in which an engine that goes back would try them. */
  | { kind: 'fork'; targets: number[] }
  | { kind: 'edge'; holds: (text: string, position: number) => boolean; next: number }
  | { kind: 'look'; program: Program; isBehind: boolean; isNegative: boolean; next: number }
  | { kind: 'match' };

export interface Program {
  instructions: Instruction[];
  start: number;
  /** True where it may begin at the start of a text only; never for one that is taken backwards. */
  isAtStart: boolean;
  /** For each instruction the last place at which a search reached it. */
  reached: Uint32Array;
}

/** The steps of a pattern, to be taken from left to right, or backwards. Throws `UnsupportedPattern` for one that is too large. */
export function compilePattern(pattern: PatternNode, isBackwards = false, most = maxInstructions): Program {
  const instructions: Instruction[] = [{ kind: 'match' }];
  const add = (instruction: Instruction) => {
    if (instructions.length >= most) {
      throw new UnsupportedPattern('it contains too many repetitions');
    }
    return instructions.push(instruction) - 1;
  };
  /** Where a node begins that goes on at `next`. */
  const build = (node: PatternNode, next: number): number => {
    switch (node.kind) {
      case 'character':
      case 'edge':
        return add({ ...node, next });
      case 'sequence':
        return node.parts[isBackwards ? 'reduce' : 'reduceRight']((after, part) => build(part, after), next);
      case 'choice':
        return add({ kind: 'fork', targets: node.options.map((option) => build(option, next)) });
      case 'look': {
        const { body, isBehind, isNegative } = node;
        return add({ kind: 'look', program: compilePattern(body, !isBehind, most), isBehind, isNegative, next });
      }
      case 'repeat':
        return repeat(node, next);
    }
  };
  const repeat = ({ body, min, max, isLazy }: PatternNode & { kind: 'repeat' }, next: number): number => {
    const choose = (once: number) => (isLazy ? [next, once] : [once, next]);
    let start = next;
    if (max === Infinity) {
      const fork: Instruction = { kind: 'fork', targets: [] };
      start = add(fork);
      fork.targets = choose(build(body, start));
    } else {
      for (let times = min; times < max; times += 1) {
        start = add({ kind: 'fork', targets: choose(build(body, start)) });
      }
    }
    for (let times = 0; times < min; times += 1) {
      start = build(body, start);
    }
    return start;
  };
  const start = build(pattern, 0);
  const isAtStart = !isBackwards && beginsAtStart(pattern);
  return { instructions, start, isAtStart, reached: new Uint32Array(instructions.length) };
}

/** Instructions that were looked at. */
export interface StepCounter {
  steps: number;
}

/**
 * One search of a program in a text. Follows all ways at once, so that each instruction is looked at once a place at most: the time
 * is in proportion to the length of both (K. Thompson, "Regular expression search algorithm", 1968).
 */
class Search {
  private readonly places = new Set<number>();
  private looks: Map<Instruction, Set<number>> | undefined;
  /** Instructions to look at now, and those that wait for the next character. */
  private readonly todo: number[] = [];
  private readonly waiting: number[] = [];

  constructor(
    private readonly program: Program,
    private readonly text: string,
    private readonly isBackwards: boolean,
    private readonly counter: StepCounter
  ) {
    program.reached.fill(0);
  }

  /** The places at which the program, begun anywhere, comes to its end; `stopAtFirst` gives the first one. */
  run(stopAtFirst: boolean): Set<number> {
    const { text, program, isBackwards } = this;
    for (let step = 0; step <= text.length; step += 1) {
      const position = isBackwards ? text.length - step : step;
      this.take(step === 0 ? 0 : text.charCodeAt(isBackwards ? position : position - 1));
      if (step === 0 || !program.isAtStart) {
        this.todo.push(program.start);
      } else if (this.todo.length === 0) {
        break;
      }
      this.follow(step + 1, position);
      if (stopAtFirst && this.places.size > 0) {
        break;
      }
    }
    return this.places;
  }

  /** Lets those that waited for a character go on. */
  private take(code: number): void {
    for (const index of this.waiting) {
      const instruction = this.program.instructions[index] as Instruction & { kind: 'character' };
      if (instruction.matches(code)) {
        this.todo.push(instruction.next);
      }
    }
    this.waiting.length = 0;
  }

  private follow(mark: number, position: number): void {
    const { todo, program } = this;
    for (let index = todo.pop(); index !== undefined; index = todo.pop()) {
      if (program.reached[index] !== mark) {
        program.reached[index] = mark;
        this.counter.steps += 1;
        this.lookAt(index, position);
      }
    }
  }

  private lookAt(index: number, position: number): void {
    const instruction = this.program.instructions[index] as Instruction;
    switch (instruction.kind) {
      case 'character':
        this.waiting.push(index);
        break;
      case 'fork':
        for (const target of instruction.targets) {
          this.todo.push(target);
        }
        break;
      case 'match':
        this.places.add(position);
        break;
      default:
        if (instruction.kind === 'edge' ? instruction.holds(this.text, position) : this.sees(instruction, position)) {
          this.todo.push(instruction.next);
        }
    }
  }

  /** Where a look around holds is worked out for all places at once. */
  private sees(instruction: Instruction & { kind: 'look' }, position: number): boolean {
    const { program, isBehind, isNegative } = instruction;
    this.looks ??= new Map();
    const seen = this.looks.get(instruction) ?? new Search(program, this.text, !isBehind, this.counter).run(false);
    this.looks.set(instruction, seen);
    return seen.has(position) !== isNegative;
  }
}

/** A regular expression of ECMAScript that is searched for in linear time, whatever it is and whatever it is searched in. */
export class LinearPattern {
  readonly program: Program;
  readonly counter: StepCounter = { steps: 0 };

  /** Throws a `SyntaxError` for what is no regular expression, `UnsupportedPattern` for one that can't be searched for so. */
  constructor(readonly source: string) {
    new RegExp(source);
    this.program = compilePattern(parsePattern(source));
  }

  isIn(text: string): boolean {
    return new Search(this.program, text, false, this.counter).run(true).size > 0;
  }
}

/** Says what is wrong with the pattern of a rule; undefined when nothing is. An empty one would match everybody. */
export function patternProblem(pattern: string): string | undefined {
  if (pattern.trim() === '') {
    return ' must not be empty: it would match everybody';
  }
  if (pattern.length > maxCharacters) {
    return ` must have at most ${maxCharacters} characters`;
  }
  try {
    const compiled = new LinearPattern(pattern);
    if (nestsQuantifiers(parsePattern(pattern))) {
      return ' must not repeat what is repeated already, as (a+)+ does: matching such a pattern can take time that doubles with each character';
    }
    // As with a slip such as "a|"; a dot says that everybody is meant.
    const findsEverybody = ['', '\0'].every((text) => compiled.isIn(text)) && !pattern.includes('.');
    return findsEverybody ? ' must not match an empty text: it would match everybody; use "." for that' : undefined;
  } catch (error) {
    return `: ${(error as Error).message}`;
  }
}
