// npm run demo: last month's usage, computed by the plugin's core from a real Loki and a real Prometheus.
import { DateTime } from 'luxon';

import { dayMs } from '../../src/core/domain/duration';
import { amountOf } from '../../src/core/domain/text';
import { type Session } from '../../src/core/session';
import { ask, rowsOfAnswer } from '../core/asking';
import { type Core, openCore } from '../core/openCore';
import { stopEngines } from '../engines';
import { formatDuration } from '../lib/duration';
import { UserError } from '../lib/errors';
import { runProgram } from '../lib/program';
import { consoleLog, createStages } from '../lib/progress';
import { dataDirectory } from '../lib/repository';
import { openStack, type OpenStack } from '../openStack';
import { recordDays } from '../records/recordDays';
import { parseTrafficArguments, type Range, type Truth } from '../traffic';
import { startWorkbench } from '../workbench/server';
import { agrees, type Comparison, comparisonTable } from './comparison';
import { type DemoReport, demoReports } from './reports';

const ownOptions = { once: { type: 'boolean' } } as const;

async function main(): Promise<void> {
  const { given, options } = parseTrafficArguments(process.argv.slice(2), ownOptions);
  const stages = createStages(consoleLog);
  const stack = await openStack({
    directory: dataDirectory,
    traffic: given,
    withMetrics: true,
    log: consoleLog,
    stages,
  });
  const urls = { lokiUrl: stack.loki.url, prometheusUrl: stack.prometheus.url };
  const core = openCore(urls);
  const month = lastMonth(stack.truth);
  let wrong = 0;
  const fromLogs = core.open({ recordsSelector: '' });
  const before: Shown[] = [];
  for (const report of demoReports) {
    before.push(await showReport(report, core, fromLogs, stack.truth, month));
  }
  // CPU hours of a day take as long as all the rest together.
  const families = ['requests', 'exposed', 'gpu'] as const;
  await stages.run('recording the days of the month (oscar-usage record)', () =>
    recordDays({ ...urls, range: month, families })
  );
  const fromRecords = core.open();
  consoleLog('\nthe same reports from usage records');
  for (const [index, report] of demoReports.entries()) {
    const { took, comparisons } = await compared(report, core, fromRecords, stack.truth, month);
    wrong += [...comparisons, ...(before[index]?.comparisons ?? [])].filter((one) => !agrees(one)).length;
    const former = formatDuration(before[index]?.took ?? 0);
    consoleLog(
      `   ${report.title}: ${formatDuration(took)}, from logs and samples ${former}; ${describeRequests(core)}`
    );
  }
  consoleLog('time per stage');
  for (const { name, milliseconds } of stages.times()) {
    consoleLog(`   ${name}: ${formatDuration(milliseconds)}`);
  }
  if (wrong > 0) {
    throw new UserError(`${wrong} figures differ from the truth`);
  }
  consoleLog('every figure agrees with the truth');
  if (options.once !== true) {
    await keepRunning(stack);
  }
}

/** The last full calendar month (UTC) that the data covers. Both ends are whole minutes, the end exclusive. */
function lastMonth({ parameters }: Truth): Range {
  const to = DateTime.fromMillis(parameters.end, { zone: 'utc' }).startOf('month');
  const from = to.minus({ months: 1 });
  if (from.toMillis() < parameters.end - parameters.days * dayMs) {
    throw new UserError(`--days ${parameters.days} does not cover the last full month; 62 is always enough`);
  }
  return { from: from.toMillis(), to: to.toMillis() };
}

/** A report beside the truth, and how long it took, in ms. */
interface Shown {
  comparisons: Comparison[];
  took: number;
}

/** Runs one query, and compares it with the truth. */
async function compared(
  { title, target, compare }: DemoReport,
  core: Core,
  session: Session,
  truth: Truth,
  range: Range
) {
  core.log.reset();
  const started = performance.now();
  const answer = await ask(session, target, range).catch((error: Error) => {
    throw new UserError(`${title}: ${error.message}`);
  });
  const took = performance.now() - started;
  return { answer, took, comparisons: compare(rowsOfAnswer(answer), truth, range) };
}

/** The same, and prints it. */
async function showReport(
  report: DemoReport,
  core: Core,
  session: Session,
  truth: Truth,
  range: Range
): Promise<Shown> {
  const { answer, took, comparisons } = await compared(report, core, session, truth, range);
  const month = DateTime.fromMillis(range.from, { zone: 'utc' }).toFormat('LLLL yyyy', { locale: 'en' });
  consoleLog(`\n${report.title}, ${month}`);
  consoleLog(comparisonTable(comparisons));
  for (const { severity, text } of answer.notices) {
    consoleLog(`   ${severity}: ${text}`);
  }
  consoleLog(`   took ${formatDuration(took)}; ${describeRequests(core)}\n`);
  return { took, comparisons };
}

function describeRequests({ log: { requests } }: Core): string {
  return Object.entries({ loki: 'Loki', prometheus: 'Prometheus' })
    .map(([engine, name]) => {
      const own = requests.filter((request) => request.engine === engine);
      const time = own.reduce((sum, { ms = 0 }) => sum + ms, 0);
      return `${name}: ${amountOf(own.length, 'request')}, ${formatDuration(time)} of response time`;
    })
    .join('; ');
}

async function keepRunning({ loki, prometheus }: OpenStack): Promise<void> {
  const workbench = await startWorkbench({ lokiUrl: loki.url, prometheusUrl: prometheus.url });
  consoleLog(`Loki        ${loki.url}\nPrometheus  ${prometheus.url}`);
  consoleLog(`Dashboard, query editor and configuration editor with this data: ${workbench.url}`);
  consoleLog(
    'The traffic ends at the last full hour before it was generated; later hours are flagged. Ctrl-C stops all three.'
  );
  const ended = await Promise.race([loki, prometheus].map(async (engine) => ({ engine, exit: await engine.exited })));
  throw new UserError(`${ended.engine.name} ended unexpectedly; see ${ended.engine.logFile}`);
}

runProgram(main, stopEngines);
