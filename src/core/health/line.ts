import { amountOf } from '../domain/text';

/** From bad to good, as people read them. */
const levels = ['error', 'warning', 'ok'] as const;

/** One line of the report of Save & test. */
export interface HealthLine {
  /**
   * `error`: figures can't be had at all. `warning`: some figures are missing or inexact, or can be forged or lost, until somebody
   * changes something. `ok`: nothing has to be done.
   */
  level: (typeof levels)[number];
  /** What it is about. */
  upstream: 'Loki' | 'Prometheus' | 'Options' | 'Plugin';
  /** What was found and, where the level is not `ok`, what to change. */
  text: string;
}

/** The form that Grafana's configuration page shows (`TestDataSourceResponse` of @grafana/data), in the colour of its status. */
export interface HealthReport {
  status: 'success' | 'warning' | 'error';
  message: string;
  details: { message: string; verboseMessage: string };
}

/** The result: as bad as the worst line, which stands in the headline; the lines below it are ordered from bad to good. */
export function reportOf(lines: readonly HealthLine[]): HealthReport {
  const ordered = levels.flatMap((level) => lines.filter((line) => line.level === level));
  const toDo = ordered.filter(({ level }) => level !== 'ok');
  const worst = toDo[0]?.level;
  return {
    status: worst === 'error' || worst === 'warning' ? worst : 'success',
    message: headline(toDo),
    details: {
      message: toDo.map(sentence).join(' · '),
      verboseMessage: ordered.map((line) => `${line.level.padEnd(7)} ${sentence(line)}`).join('\n'),
    },
  };
}

function headline(toDo: readonly HealthLine[]): string {
  const [first] = toDo;
  if (first?.level === 'error') {
    const others = toDo.filter(({ level }) => level === 'error').length - 1;
    return `${sentence(first)}${others > 0 ? ` (and ${others} more)` : ''}`;
  }
  const found = first ? `see ${amountOf(toDo.length, 'warning')} below` : 'all expected data was found';
  return `Prometheus and Loki are reachable; ${found}.`;
}

function sentence({ upstream, text }: HealthLine): string {
  return `${upstream}: ${text}`;
}
