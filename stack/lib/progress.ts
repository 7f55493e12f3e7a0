import { formatDuration } from './duration';

/** Where a stack program tells people what it does. One call is one line, without its line end. */
export type Log = (line: string) => void;

/** What `startProgress` writes to; `process.stdout` fits. */
export interface ProgressOutput {
  isTTY?: boolean;
  columns?: number;
  write(text: string): unknown;
}

export interface ProgressOptions {
  /** How much there is to do, in any unit; with it the line shows the share done and the time that is left. */
  total?: number;
  /** Name of that unit, for example `lines`. */
  unit?: string;
  /** How long it usually takes, in milliseconds, where nothing can be counted (a compiler run). */
  expectedMilliseconds?: number;
  /** Default: standard output. */
  output?: ProgressOutput;
}

export interface Progress {
  /** Says how much is done so far (not the increment), in the unit of `total`. Cheap: it does not write. */
  update(done: number): void;
  /** Ends the display. With a text, writes it as the last line, with the time taken. Later calls do nothing. */
  end(text?: string): void;
}

const terminalIntervalMilliseconds = 500;
/** A log file or a pipeline gets few lines, but never so few that it looks as if nothing happened. */
const plainIntervalMilliseconds = 15_000;

/** Prints to standard output. */
export const consoleLog: Log = (line) => {
  process.stdout.write(`${line}\n`);
};

/** Prints nothing. */
export const silentLog: Log = () => undefined;

/**
 * Shows that something long is under way: on a terminal one line that is rewritten twice a second, else a line every
 * 15 seconds. Call `end` also when the work fails, else the timer's last line stays on screen.
 */
export function startProgress(label: string, options: ProgressOptions = {}): Progress {
  const output: ProgressOutput = options.output ?? process.stdout;
  const isTerminal = output.isTTY === true;
  // Not the wall clock: the fault lab moves that one.
  const started = performance.now();
  let done: number | undefined;
  let ended = false;

  const show = () => {
    const line = `   ${label}: ${progressText({ ...options, done, elapsedMilliseconds: performance.now() - started })}`;
    // A line longer than the terminal would wrap and could not be rewritten.
    output.write(isTerminal ? `\r\x1b[K${line.slice(0, (output.columns ?? 80) - 1)}` : `${line}\n`);
  };
  const timer = setInterval(show, isTerminal ? terminalIntervalMilliseconds : plainIntervalMilliseconds);
  // The display must not keep a program alive that has nothing else to do.
  timer.unref();

  return {
    update(value) {
      done = value;
    },
    end(text) {
      if (ended) {
        return;
      }
      ended = true;
      clearInterval(timer);
      if (isTerminal) {
        output.write('\r\x1b[K');
      }
      if (text !== undefined) {
        output.write(`   ${label}: ${text} (${formatDuration(performance.now() - started)})\n`);
      }
    },
  };
}

/** What a progress line says after its label. Estimates are linear and marked with "about". */
export function progressText(state: {
  total?: number;
  unit?: string;
  expectedMilliseconds?: number;
  done?: number;
  elapsedMilliseconds: number;
}): string {
  const { total, unit, expectedMilliseconds, done, elapsedMilliseconds } = state;
  const elapsed = formatDuration(elapsedMilliseconds);
  const suffix = unit === undefined ? '' : ` ${unit}`;
  if (done !== undefined && total !== undefined && total > 0) {
    const share = Math.min(1, done / total);
    const left = share > 0 ? `, about ${formatDuration((elapsedMilliseconds * (1 - share)) / share)} left` : '';
    return `${Math.floor(share * 100)} % (${count(done)} of ${count(total)}${suffix}), ${elapsed}${left}`;
  }
  if (done !== undefined) {
    return `${count(done)}${suffix}, ${elapsed}`;
  }
  if (expectedMilliseconds !== undefined) {
    return `${elapsed} of about ${formatDuration(expectedMilliseconds)}`;
  }
  return elapsed;
}

/** How long each stage of a program took, in milliseconds, in the order in which the stages ran. */
export interface StageTime {
  name: string;
  milliseconds: number;
}

export interface Stages {
  /** Runs one stage: prints its name, then how long it took. Rejects as `work` does; a failed stage is timed too. */
  run<T>(name: string, work: () => Promise<T>): Promise<T>;
  /** A copy of the times so far. */
  times(): StageTime[];
}

/** Names and times the stages of a program. */
export function createStages(log: Log): Stages {
  const times: StageTime[] = [];
  return {
    async run(name, work) {
      const started = performance.now();
      log(`── ${name}`);
      let outcome = 'failed after';
      try {
        const result = await work();
        outcome = 'took';
        return result;
      } finally {
        const milliseconds = performance.now() - started;
        times.push({ name, milliseconds });
        log(`   ${name}: ${outcome} ${formatDuration(milliseconds)}`);
      }
    },
    times: () => [...times],
  };
}

function count(value: number): string {
  return Math.round(value).toLocaleString('en-US');
}
