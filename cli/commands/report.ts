import { unreachable } from '../../src/core/health/reach';
import { type UsageQuery } from '../../src/core/query';
import { formatProblem, queryProblem } from '../../src/core/reports/validate';
import { type Asked, askedBy, NoAnswer } from '../asked';
import { lastOf } from '../asking';
import { type Configuration, readConfiguration } from '../config/configuration';
import { type ExitCode, exitCodes, ToldError, usageError } from '../exit';
import { reportPage } from '../html/reportPage';
import { usagePage } from '../html/usagePage';
import { type Io, tell, writeAtomically } from '../io';
import { bareFormats, type Format, written } from '../output/formats';
import { noticesIn, queryTitle, type WrittenReport } from '../output/report';
import { startProgress } from '../progress';
import { rangeOf, type RangeOptions } from '../range/range';
import { rangeText, zoneName } from '../range/wording';
import { upstreamsFor, upstreamsOf } from '../upstreamsOf';

/** What the command line says of a report. */
export interface ReportOptions extends RangeOptions {
  config?: string;
  timezone?: string;
  lokiUrl?: string;
  prometheusUrl?: string;
  /** Absent: a summary, or, as a page, the usage of the cluster as a whole. */
  query?: UsageQuery;
  /** Rows of each table of a whole page. */
  limit?: number;
  format: Format;
  title?: string;
  strict?: boolean;
  progress?: boolean;
  quiet?: boolean;
  out?: string;
}

const wholeSummary: UsageQuery = { queryType: 'summary' };

/** Answers a question and writes the answer. Throws a told error where there is none. */
export async function runReport(options: ReportOptions, io: Io): Promise<ExitCode> {
  const query = options.query ?? wholeSummary;
  const problem = queryProblem(query) ?? formatProblem(query);
  if (problem) {
    throw usageError(inTermsOfOptions(problem));
  }
  const configuration = readConfiguration(options, io.environment);
  try {
    const now = io.now();
    const range = rangeOf(options, configuration.zone, now);
    const progress = startProgress(io, options.quiet ? false : options.progress);
    const asked = askedBy({ configuration, range, now, progress, io });
    const { reports, text } = await answered(asked, options, query, now, io).finally(() => progress.end());
    if (options.out === undefined) {
      io.stdout.write(text);
    } else {
      await writeAtomically(options.out, text);
    }
    return await codeOf(reports, configuration, options, now, io);
  } finally {
    await configuration.close();
  }
}

async function answered(asked: Asked, options: ReportOptions, query: UsageQuery, now: number, io: Io) {
  const { format, title } = options;
  try {
    if (format === 'html' && options.query === undefined) {
      return await usagePage(asked, { title, limit: options.limit });
    }
    const report = await asked.ask(query);
    const text =
      format === 'html'
        ? reportPage(report, asked, title)
        : written(report, format, options.out === undefined && io.stdout.isTTY === true);
    return { reports: [report], text };
  } catch (error) {
    throw error instanceof NoAnswer ? await withReasons(error, query, asked.configuration, now, io) : error;
  }
}

/** The notes of each source say what happened; the reason that they share says what to change. */
async function withReasons(
  error: NoAnswer,
  query: UsageQuery,
  { settings, connections }: Configuration,
  now: number,
  io: Io
): Promise<Error> {
  const needed = upstreamsFor(query);
  const silent = await lastOf(unreachable(settings, connections, now), io.signal);
  const problems = silent.filter(({ upstream }) => needed.has(upstream)).map(({ problem }) => problem);
  return problems.length > 0 ? new ToldError(problems.join('; ')) : error;
}

async function codeOf(
  reports: readonly WrittenReport[],
  configuration: Configuration,
  options: ReportOptions,
  now: number,
  io: Io
): Promise<ExitCode> {
  const isComplete = reports.every((report) => report.isComplete);
  const isBare = bareFormats.has(options.format) || options.out !== undefined;
  const [first] = reports;
  if (first && isBare && !options.quiet) {
    const { query, range, zone } = first;
    const what = reports.length > 1 ? 'usage of the cluster' : queryTitle(query);
    tell(io, `${what}, ${rangeText(range, zone)}, time zone ${zoneName(zone)}`);
    noticesIn(reports).forEach(({ severity, text }) => tell(io, configuration.redact(`${severity}: ${text}`)));
    tell(io, `complete: ${isComplete ? 'yes' : 'no'}`);
  }
  if (isComplete) {
    return exitCodes.done;
  }
  const silent = await silentUpstreams(reports, configuration, now, io);
  silent.forEach((problem) => tell(io, `error: ${configuration.redact(problem)}`));
  if (options.strict) {
    tell(io, 'error: the report is not complete (--strict)');
    return exitCodes.incomplete;
  }
  return silent.length > 0 ? exitCodes.unreachable : exitCodes.done;
}

/** What is wrong with the upstreams that figures depend on and that do not answer at all; nothing where all sources delivered. */
async function silentUpstreams(
  reports: readonly WrittenReport[],
  { settings, connections }: Configuration,
  now: number,
  io: Io
): Promise<string[]> {
  const missing = upstreamsOf(
    reports.flatMap(({ answer }) =>
      answer.completeness.filter(({ status }) => status === 'missing').map(({ source }) => source)
    )
  );
  if (missing.size === 0) {
    return [];
  }
  const problems = await lastOf(unreachable(settings, connections, now), io.signal);
  return problems.filter(({ upstream }) => missing.has(upstream)).map(({ problem }) => problem);
}

const optionNames: Readonly<Record<string, string>> = {
  groupBy: '--group-by',
  minimumCoveragePercent: '--minimum-coverage',
  queryType: 'report',
};

/** The core names what a query holds. */
function inTermsOfOptions(problem: string): string {
  return problem.replace(
    /^(groupBy|minimumCoveragePercent)\b|\b(groupBy|queryType)\b/,
    (name) => optionNames[name] ?? name
  );
}
