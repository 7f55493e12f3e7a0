import { compilePattern, type Instruction, type Program } from '../core/domain/pattern';
import { parsePattern } from '../core/domain/patternSyntax';

/** More than any text of a test needs; what gets there grows without bounds. */
const mostSteps = 20_000_000;

const programs = new Map<string, Program>();

/**
 * Steps that an engine which goes back takes for all regular expressions in a piece of work, and what the work gave. A number that does
 * not depend on the machine: whether it grows with the text as the text does is whether the work takes linear time. What is
 * looked for ahead counts as one step.
 */
function expressionSteps<T>(work: () => T): { steps: number; result: T } {
  // `test`, `match`, `replace` and `split` of a text all go through this method (ECMA-262, RegExpExec).
  const native = RegExp.prototype.exec;
  let steps = 0;
  let isCounting = false;
  RegExp.prototype.exec = function (text) {
    if (!isCounting) {
      isCounting = true;
      steps += stepsOf(this, String(text));
      isCounting = false;
    }
    return native.call(this, text);
  };
  try {
    const result = work();
    return { steps, result };
  } finally {
    RegExp.prototype.exec = native;
  }
}

function stepsOf({ source, flags, lastIndex }: RegExp, text: string): number {
  const key = `${flags}/${source}`;
  const program = programs.get(key) ?? compilePattern(parsePattern(source, flags), false, Infinity);
  programs.set(key, program);
  const from = /[gy]/.test(flags) ? lastIndex : 0;
  const to = flags.includes('y') || program.isAtStart ? from : text.length;
  let steps = 0;
  for (let start = from; start <= to; start += 1) {
    const [taken, hasMatched] = stepsFrom(program, text, start);
    steps += taken;
    if (hasMatched) {
      break;
    }
  }
  return steps;
}

/** Tries one way after the other, and goes back to the last choice where one ends. */
function stepsFrom({ instructions, start }: Program, text: string, from: number): [steps: number, hasMatched: boolean] {
  const ways: Array<[index: number, position: number]> = [[start, from]];
  let steps = 0;
  for (let way = ways.pop(); way; way = ways.pop()) {
    const [index, position] = way;
    const instruction = instructions[index] as Instruction;
    steps += 1;
    if (steps > mostSteps) {
      throw new Error(`an expression takes more than ${mostSteps} steps`);
    }
    switch (instruction.kind) {
      case 'match':
        return [steps, true];
      case 'fork':
        ways.push(...instruction.targets.map((target): [number, number] => [target, position]).reverse());
        break;
      case 'character':
        if (position < text.length && instruction.matches(text.charCodeAt(position))) {
          ways.push([instruction.next, position + 1]);
        }
        break;
      case 'edge':
        if (instruction.holds(text, position)) {
          ways.push([instruction.next, position]);
        }
        break;
      default:
        ways.push([instruction.next, position]);
    }
  }
  return [steps, false];
}

/**
 * Whether work on a text takes more than linear time, by the steps for a part that is repeated `times` times and four times as
 * often: these may be six times as many, and twenty for each character.
 */
export function growsTooFast(work: (text: string) => unknown, textOf: (times: number) => string, times = 40): boolean {
  // What is prepared once is no part of it.
  work(textOf(1));
  const steps = (count: number) => expressionSteps(() => work(textOf(count))).steps;
  return steps(times * 4) > 6 * steps(times) + 20 * textOf(times * 4).length;
}
