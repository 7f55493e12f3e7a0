import { Argument, Command, CommanderError } from 'commander';

import { type QueryType, queryTypes } from '../src/core/query';
import { type CheckOptions, runCheck } from './commands/check';
import { completionScript, type Shell, shells } from './commands/completion';
import {
  reportOptions,
  withConnections,
  withRecordOptions,
  withReportOptions,
  withVerifyOptions,
} from './commands/options';
import { type RecordOptions, runRecord } from './commands/record';
import { runReport } from './commands/report';
import { runVerify, type VerifyOptions } from './commands/verify';
import { type ExitCode, exitCodes, ToldError } from './exit';
import { type Io, tell } from './io';

declare const OSCAR_USAGE_VERSION: string | undefined;

const version = typeof OSCAR_USAGE_VERSION === 'string' ? OSCAR_USAGE_VERSION : 'unbundled';

const environmentHelp = `
Environment (nothing secret is ever read from the command line):
  OSCAR_LOKI_URL, OSCAR_PROMETHEUS_URL   addresses
  OSCAR_LOKI_USERNAME, _PASSWORD         basic authentication; _PASSWORD_FILE names a file instead
  OSCAR_LOKI_TOKEN                       bearer token; _TOKEN_FILE names a file instead
  OSCAR_LOKI_TENANT                      tenant (X-Scope-OrgID)
  OSCAR_LOKI_CA_FILE                     certificates of a private authority, in PEM form
  OSCAR_PROMETHEUS_…                     the same for Prometheus
  OSCAR_USAGE_CONFIG                     the configuration file
  OSCAR_RECORDS_SELECTOR                 where usage records are; default {job="oscar-usage-records"}
  OSCAR_RECORDS_SIGNING_KEY              signs records; _SIGNING_KEY_FILE names a file instead
  OSCAR_RECORDS_PUBLIC_KEY               only records that are signed with its key count
  OSCAR_RECORDS_USERS_KEY                of --users hashed; _USERS_KEY_FILE names a file instead`;

const exitHelp = `
Exit codes:
  0 done   1 no answer   2 wrong arguments or configuration   3 not complete, with --strict
  4 written, but an upstream did not answer at all   5 a record differs from a new count
  130 interrupted`;

const reportHelp = `
Examples:
  oscar-usage report --month 2026-10 --timezone Europe/Madrid --format html --out october.html
  oscar-usage report --last month --format csv > usage.csv
  oscar-usage report breakdown --group-by service --quarter 2026-Q3 --format csv --out services.csv --strict
  oscar-usage report breakdown --group-by user --last 30d --limit 20
  oscar-usage report summary --last 6months --interval month --format md
  oscar-usage report country --from 2026-10-01 --to 2026-10-15 --format json
  oscar-usage report metric --metric cpu-hours --services cowsay,yolo --last week

Without a report, it is the summary; with --format html, a page about the whole use of the cluster.`;

const checkHelp = `
Examples:
  oscar-usage check --loki-url http://localhost:3100 --prometheus-url http://localhost:9090
  oscar-usage check --config oscar-usage.yaml --strict

With --strict, exit code 3 when a source does not keep what six months of reports need.`;

const recordHelp = `
Examples:
  oscar-usage record
  oscar-usage record --days 180 --dry-run
  oscar-usage record --days 2026-10-01..2026-10-31 --users hashed
  OSCAR_RECORDS_SIGNING_KEY="$(openssl rand -base64 32)" oscar-usage record --public-key

Days that have a valid and complete record are left alone. Exit code 3 when a day is not complete.`;

const verifyHelp = `
Examples:
  oscar-usage verify
  oscar-usage verify --days 2026-10-01..2026-10-31 --random 0

Exit code 5 when a record differs from a new count of its day.`;

const completionHelp = `
Examples:
  eval "$(oscar-usage completion bash)"
  oscar-usage completion zsh > "\${fpath[1]}/_oscar_usage"
  oscar-usage completion fish > ~/.config/fish/completions/oscar-usage.fish`;

/** The commands. `done` gets the exit code of the one that ran. */
function createProgram(io: Io, done: (code: ExitCode) => void): Command {
  const program = new Command('oscar-usage')
    .description('Usage of an OSCAR cluster, counted from its Loki and Prometheus: exact, or flagged.')
    .version(version)
    .addHelpText('after', `${environmentHelp}\n${exitHelp}`)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => io.stdout.write(text),
      writeErr: (text) => io.stderr.write(text),
    })
    .showHelpAfterError('(--help lists what is valid)');
  const command = (name: string, summary: string) =>
    program.command(name).summary(summary).description(`${summary}.`).copyInheritedSettings(program);

  withReportOptions(withConnections(command('report', 'Writes a report')))
    .addArgument(new Argument('[report]', 'which one').choices(queryTypes))
    .addHelpText('after', reportHelp)
    .action(async (type: QueryType | undefined, parsed: Parameters<typeof reportOptions>[1]) =>
      done(await runReport(reportOptions(type, parsed), io))
    );
  withConnections(command('check', 'Checks the connections, which data exist, and how long they are kept'))
    .option('--strict', 'exits with code 3 if a source keeps less than six months')
    .addHelpText('after', checkHelp)
    .action(async (parsed: CheckOptions) => done(await runCheck(parsed, io)));
  withRecordOptions(
    withConnections(command('record', 'Counts settled days once, and keeps them in Loki as usage records'))
  )
    .addHelpText('after', recordHelp)
    .action(async (parsed: Omit<RecordOptions, 'version'>) => done(await runRecord({ ...parsed, version }, io)));
  withVerifyOptions(withConnections(command('verify', 'Counts days again, and compares them with their usage records')))
    .addHelpText('after', verifyHelp)
    .action(async (parsed: VerifyOptions) => done(await runVerify(parsed, io)));
  command('completion', 'Writes the completion script of a shell')
    .addArgument(new Argument('<shell>', 'which one').choices(shells))
    .addHelpText('after', completionHelp)
    .action((shell: Shell) => {
      io.stdout.write(completionScript(program, shell));
      done(exitCodes.done);
    });
  return program;
}

/** Runs the program with the arguments after its name. Never rejects: what went wrong is told on standard error. */
export async function run(programArguments: readonly string[], io: Io): Promise<ExitCode> {
  let code: ExitCode = exitCodes.done;
  try {
    const program = createProgram(io, (own) => (code = own));
    await program.parseAsync(programArguments, { from: 'user' });
    return code;
  } catch (error) {
    if (error instanceof CommanderError) {
      // It has told already; help and version were asked for, unless there was no command.
      return error.exitCode === 0 ? exitCodes.done : exitCodes.usage;
    }
    if (error instanceof ToldError) {
      tell(io, `error: ${error.message}`);
      return error.exitCode;
    }
    tell(io, `error: this is a fault of oscar-usage: ${error instanceof Error ? error.message : String(error)}`);
    return exitCodes.failed;
  }
}
