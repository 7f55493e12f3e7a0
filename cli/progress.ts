import { defer, finalize } from 'rxjs';

import { type Answer } from '../src/core/answer';
import { amountOf } from '../src/core/domain/text';
import { type Connections } from '../src/core/upstream/connections';
import { type Io } from './io';

/** Shows on standard error that something long is under way. */
export interface Progress {
  /** The same connections, whose requests are counted. */
  counted(connections: Connections): Connections;
  /** What is known so far. */
  update(answer: Answer): void;
  end(): void;
}

const terminalEveryMs = 500;
/** A log gets few lines, but never so few that it looks as if nothing happened. */
const plainEveryMs = 10_000;

const silent: Progress = { counted: (connections) => connections, update: () => undefined, end: () => undefined };

/** `isWanted`: as the command line says; undefined: on a terminal only. */
export function startProgress({ stderr }: Pick<Io, 'stderr'>, isWanted: boolean | undefined): Progress {
  const isTerminal = stderr.isTTY === true;
  if (!(isWanted ?? isTerminal)) {
    return silent;
  }
  // Not the wall clock, which may be set.
  const startedAt = performance.now();
  const requests = { sent: 0, answered: 0 };
  let coverage: number | undefined;
  const show = () => {
    const seconds = Math.round((performance.now() - startedAt) / 1000);
    const share = coverage === undefined ? '' : `, ${Math.floor(coverage)} % of the logs read`;
    const line = `reading: ${amountOf(requests.answered, 'request')} answered, ${requests.sent - requests.answered} under way${share}, ${seconds} s`;
    // A line longer than the terminal would wrap and could not be written over.
    stderr.write(isTerminal ? `\r\u001b[K${line.slice(0, (stderr.columns ?? 80) - 1)}` : `${line}\n`);
  };
  const timer = setInterval(show, isTerminal ? terminalEveryMs : plainEveryMs);
  timer.unref();
  return {
    counted: (connections) => ({
      ...connections,
      transport: (request) =>
        defer(() => {
          requests.sent += 1;
          return connections.transport(request).pipe(finalize(() => (requests.answered += 1)));
        }),
    }),
    update(answer) {
      const logs = answer.kind === 'failure' ? [] : answer.completeness;
      coverage = logs.find(({ source }) => source === 'request-logs')?.coverage_percent ?? coverage;
    },
    end() {
      clearInterval(timer);
      show();
      stderr.write(isTerminal ? '\r\u001b[K' : '');
    },
  };
}
