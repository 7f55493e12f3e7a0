import { type Command, InvalidArgumentError, Option } from 'commander';

import { metricKeys } from '../../src/core/domain/metricKeys';
import { periodUnits } from '../../src/core/domain/periods';
import { type BreakdownKey, type QueryType, queryTypes, type UsageQuery } from '../../src/core/query';
import { type RecordFamily, recordFamilies } from '../../src/core/records/dayRecord';
import { usageError } from '../exit';
import { formats } from '../output/formats';
import { userModes } from '../records/recordSettings';
import { type ReportOptions } from './report';

const groupings: readonly BreakdownKey[] = ['service', 'user', 'country'];

/** Options of every command that asks: where the upstreams are. Secrets have none. */
export function withConnections(command: Command): Command {
  return command
    .option('-c, --config <file>', 'YAML file with connections and the options of the data source (OSCAR_USAGE_CONFIG)')
    .option('--loki-url <url>', 'root of the API of Loki (OSCAR_LOKI_URL)')
    .option('--prometheus-url <url>', 'root of the API of Prometheus (OSCAR_PROMETHEUS_URL)');
}

export function withReportOptions(command: Command): Command {
  return command
    .option('--from <time>', 'first day or time, inclusive: 2026-10-01, 2026-10-01T08:00, 2026-10-01T08:00+02:00')
    .option('--to <time>', 'last day or time, inclusive; absent: now')
    .option('--month <month>', 'a calendar month: 2026-10')
    .option('--quarter <quarter>', 'a calendar quarter: 2026-Q3')
    .option(
      '--last <length>',
      'up to now: 24h, 30d, 2w; or whole periods before now: day, week, month, quarter, 6months'
    )
    .option(
      '--timezone <zone>',
      'IANA name for days, periods and times without an offset; default: that of the file, else UTC'
    )
    .addOption(new Option('--group-by <what>', 'rows of a breakdown').choices(groupings))
    .addOption(new Option('--metric <metric>', 'one metric of the report "metric"').choices(metricKeys))
    .addOption(new Option('--interval <period>', 'one block of rows per period').choices(['auto', ...periodUnits]))
    .option('--over-time', 'a time series: one row per period, one column per series')
    .option('--services <names>', 'only these services, comma-separated; may be repeated', listed)
    .option('--columns <names>', 'only these columns, comma-separated; sources that none needs are not read', listed)
    .option('--limit <rows>', 'how many rows or series to keep; all others become one, (others)', wholeNumber)
    .option('--include-users', 'lists the users (summary, breakdown by service)')
    .option(
      '--minimum-coverage <percent>',
      'leaves a figure empty if its source covers less than this share of the range',
      percentage
    )
    .option('--bypass-cache', 'bypasses the result caches of Loki and Prometheus')
    .addOption(new Option('-f, --format <format>', 'output format').choices(formats).default('table'))
    .option('-o, --out <file>', 'writes to a file instead of standard output, completely or not at all')
    .option('--title <text>', 'title of an HTML page')
    .option('--strict', 'exits with code 3 if the report is not complete')
    .option('--progress', 'shows progress on standard error; default: on a terminal only')
    .option('-q, --quiet', 'writes only errors to standard error');
}

function withRecordFamilies(command: Command): Command {
  return command.addOption(
    new Option('--families <names>', 'only these, comma-separated; absent: all that are configured').argParser(families)
  );
}

export function withRecordOptions(command: Command): Command {
  return withRecordFamilies(command)
    .option(
      '--days <days>',
      'so many last settled days, a day (2026-10-01), or days (2026-10-01..2026-10-31), in UTC',
      '8'
    )
    .addOption(new Option('--users <how>', 'how users are recorded').choices(userModes).default('plain'))
    .option('--allow-incomplete', 'records days that are not complete, too, which the records then say')
    .option('--dry-run', 'counts, and writes nothing')
    .option('--public-key', 'writes the public key of OSCAR_RECORDS_SIGNING_KEY, and does nothing else');
}

export function withVerifyOptions(command: Command): Command {
  return withRecordFamilies(command)
    .option('--days <days>', 'so many last settled days, or days such as 2026-10-01..2026-10-31, in UTC', '7')
    .option('--random <days>', 'so many older days, chosen at random', wholeNumberOr0, 3)
    .option('--within <days>', 'how far back these may lie', wholeNumber, 60);
}

function families(text: string): RecordFamily[] {
  return listed(text).map((name) => {
    const family = recordFamilies.find((one) => one === name);
    if (!family) {
      throw new InvalidArgumentError(`It must name some of ${recordFamilies.join(', ')}.`);
    }
    return family;
  });
}

function wholeNumberOr0(text: string): number {
  return text === '0' ? 0 : wholeNumber(text);
}

function listed(text: string, before: string[] = []): string[] {
  const names = text.split(',').map((name) => name.trim());
  if (names.includes('')) {
    throw new InvalidArgumentError('A name is empty.');
  }
  return [...before, ...names];
}

function wholeNumber(text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text)) {
    throw new InvalidArgumentError('It must be a whole number above 0.');
  }
  return Number(text);
}

function percentage(text: string): number {
  const value = /^\d+(?:\.\d+)?$/.test(text) ? Number(text) : NaN;
  if (!(value <= 100)) {
    throw new InvalidArgumentError('It must be a number from 0 to 100.');
  }
  return value;
}

/** What commander leaves of the options of a report. */
interface Parsed extends Omit<ReportOptions, 'query'> {
  groupBy?: BreakdownKey;
  metric?: UsageQuery['metric'];
  interval?: UsageQuery['interval'];
  overTime?: boolean;
  services?: string[];
  columns?: string[];
  includeUsers?: boolean;
  minimumCoverage?: number;
  bypassCache?: boolean;
}

/** The options of one report by the parsed command line. Throws a told error where they exclude each other. */
export function reportOptions(type: QueryType | undefined, parsed: Parsed): ReportOptions {
  const {
    groupBy,
    metric,
    interval,
    overTime,
    services,
    columns,
    includeUsers,
    minimumCoverage,
    bypassCache,
    ...rest
  } = parsed;
  const problem = misused(type ?? 'summary', parsed);
  if (problem !== undefined) {
    throw usageError(problem);
  }
  const shape = given({
    groupBy,
    metric,
    interval,
    format: overTime ? 'timeseries' : undefined,
    services,
    columns,
    includeUsers,
    minimumCoveragePercent: minimumCoverage,
    bypassCache,
  });
  if (type === undefined && rest.format === 'html') {
    if (Object.keys(shape).length > 0) {
      throw usageError(
        `the page about the whole use takes only --limit and --title of the options of a report; name a report (${queryTypes.join(', ')}) for the others`
      );
    }
    return rest;
  }
  return { ...rest, query: { queryType: type ?? 'summary', ...shape, ...given({ limit: rest.limit }) } };
}

/** Without what is absent. */
function given(shape: Omit<UsageQuery, 'queryType'>): Omit<UsageQuery, 'queryType'> {
  return Object.fromEntries(Object.entries(shape).filter(([, value]) => value !== undefined));
}

/** An option without an effect would be a misunderstanding: says which one is, undefined where none is. */
function misused(type: QueryType, { groupBy, metric, includeUsers, title, format }: Parsed): string | undefined {
  const hasUsers = type === 'summary' || (type === 'breakdown' && groupBy === 'service');
  const rules: ReadonlyArray<readonly [isWrong: boolean, problem: string]> = [
    [groupBy !== undefined && type !== 'breakdown', `--group-by is for the report breakdown, not ${type}`],
    [
      groupBy === undefined && type === 'breakdown',
      `the report breakdown needs --group-by, one of ${groupings.join(', ')}`,
    ],
    [metric !== undefined && type !== 'metric', `--metric is for the report metric, not ${type}`],
    [includeUsers === true && !hasUsers, '--include-users is for the reports summary and breakdown --group-by service'],
    [title !== undefined && format !== 'html', '--title is for --format html'],
  ];
  return rules.find(([isWrong]) => isWrong)?.[1];
}
