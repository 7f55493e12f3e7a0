/** One line of the report of Save & test. */
export interface HealthLine {
  /** `advice` works, but something could be better or is not collected. */
  level: 'ok' | 'advice' | 'error';
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

const marks = { ok: 'ok', advice: 'note', error: 'error' } as const;

/**
 * The verdict: an error when an upstream can't be used, with what is wrong in the headline. Advice is a success, since
 * Grafana knows no third status on that page.
 */
export function reportOf(lines: readonly HealthLine[]): HealthReport {
  const errors = lines.filter(({ level }) => level === 'error');
  const advice = lines.filter(({ level }) => level === 'advice');
  return {
    status: errors.length > 0 ? 'error' : 'success',
    message: headline(errors, advice),
    details: {
      message: [...errors, ...advice].map(sentence).join(' · '),
      verboseMessage: lines.map((line) => `${marks[line.level].padEnd(5)} ${sentence(line)}`).join('\n'),
    },
  };
}

function headline(errors: readonly HealthLine[], advice: readonly HealthLine[]): string {
  const [first] = errors;
  if (first) {
    const others = errors.length > 1 ? ` (and ${errors.length - 1} more)` : '';
    return `${sentence(first)}${others}`;
  }
  const notes = advice.length === 1 ? '; there is 1 note' : `; there are ${advice.length} notes`;
  return `Prometheus and Loki both answer${advice.length > 0 ? notes : ', and all that the reports need is there'}.`;
}

function sentence({ upstream, text }: HealthLine): string {
  return `${upstream}: ${text}`;
}
