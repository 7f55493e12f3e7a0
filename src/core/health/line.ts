import { amountOf } from '../domain/text';

/** One line of the report of Save & test. */
export interface HealthLine {
  /** `note`: it works, but something could be better or is not collected. */
  level: 'ok' | 'note' | 'error';
  /** What it is about. */
  upstream: 'Loki' | 'Prometheus' | 'Options';
  /** What was found and, where something is wrong, what to change. */
  text: string;
}

/** The form that Grafana's configuration page shows (`TestDataSourceResponse` of @grafana/data). */
export interface HealthReport {
  status: 'success' | 'error';
  message: string;
  details: { message: string; verboseMessage: string };
}

/**
 * The result: an error when an upstream can't be used, with the problem in the headline. Notes count as a success, since
 * Grafana knows no third status on that page.
 */
export function reportOf(lines: readonly HealthLine[]): HealthReport {
  const errors = lines.filter(({ level }) => level === 'error');
  const notes = lines.filter(({ level }) => level === 'note');
  return {
    status: errors.length > 0 ? 'error' : 'success',
    message: headline(errors, notes),
    details: {
      message: [...errors, ...notes].map(sentence).join(' · '),
      verboseMessage: lines.map((line) => `${line.level.padEnd(5)} ${sentence(line)}`).join('\n'),
    },
  };
}

function headline(errors: readonly HealthLine[], notes: readonly HealthLine[]): string {
  const [first] = errors;
  if (first) {
    const others = errors.length > 1 ? ` (and ${errors.length - 1} more)` : '';
    return `${sentence(first)}${others}`;
  }
  const found = notes.length === 0 ? 'all expected data was found' : `see ${amountOf(notes.length, 'note')} below`;
  return `Prometheus and Loki are reachable; ${found}.`;
}

function sentence({ upstream, text }: HealthLine): string {
  return `${upstream}: ${text}`;
}
