import { checkHealth } from '../../src/core/health/checkHealth';
import { checkRetention, type RetentionVerdict } from '../../src/core/health/checkRetention';
import { lastOf } from '../asking';
import { readConfiguration } from '../config/configuration';
import { type ExitCode, exitCodes } from '../exit';
import { type Io } from '../io';
import { printable } from '../output/text';

/** What the command line says of a check. */
export interface CheckOptions {
  config?: string;
  lokiUrl?: string;
  prometheusUrl?: string;
  /** A retention that is too short for six months, or not known, is an error too. */
  strict?: boolean;
}

const words: Readonly<Record<RetentionVerdict['verdict'], string>> = {
  yes: 'yes',
  no: 'NO',
  unknown: 'unknown',
  'not-needed': '–',
};

/** Save & test of the data source, in a terminal, and whether reports over six months are possible. */
export async function runCheck(options: CheckOptions, io: Io): Promise<ExitCode> {
  const configuration = readConfiguration(options, io.environment);
  const { settings, connections, upstreams, redact } = configuration;
  try {
    const now = io.now();
    const health = await lastOf(checkHealth(settings, connections, now), io.signal);
    const verdicts = await lastOf(checkRetention(settings, connections, now), io.signal);
    const needed = verdicts.filter(({ verdict }) => verdict !== 'not-needed');
    const isKept = needed.every(({ verdict }) => verdict === 'yes');
    const width = Math.max(...verdicts.map(({ source }) => source.length));
    const lines = [
      `Loki        ${upstreams.Loki}`,
      `Prometheus  ${upstreams.Prometheus}`,
      '',
      ...health.details.verboseMessage.split('\n'),
      '',
      'Six months of reports:',
      ...verdicts.map(({ source, verdict, text }) => `${source.padEnd(width)}  ${words[verdict].padEnd(7)}  ${text}`),
      '',
      health.message,
      `Retention for six months of reports: ${isKept ? 'yes' : retentionProblem(needed)}`,
    ];
    io.stdout.write(lines.map((line) => `${printable(redact(line))}\n`).join(''));
    if (health.status === 'error') {
      return exitCodes.failed;
    }
    return options.strict && !isKept ? exitCodes.incomplete : exitCodes.done;
  } finally {
    await configuration.close();
  }
}

function retentionProblem(verdicts: readonly RetentionVerdict[]): string {
  const of = (wanted: RetentionVerdict['verdict']) =>
    verdicts.filter(({ verdict }) => verdict === wanted).map(({ source }) => source);
  const [short, unknown] = [of('no'), of('unknown')];
  return [
    ...(short.length > 0 ? [`too short for ${short.join(', ')}`] : []),
    ...(unknown.length > 0 ? [`unknown for ${unknown.join(', ')}`] : []),
  ].join('; ');
}
