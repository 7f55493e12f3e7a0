// npm run demo: last month's usage, computed by the built plugin from a real Loki and a real Prometheus.
import { type DataFrame } from '@grafana/data';
import { DateTime } from 'luxon';

import { amountOf, inGroups } from '../../src/core/domain/text';
import { stopEngines } from '../engines';
import { createHost, type Host } from '../host';
import { formatDuration } from '../lib/duration';
import { UserError } from '../lib/errors';
import { runProgram } from '../lib/program';
import { consoleLog, createStages } from '../lib/progress';
import { dataDirectory } from '../lib/repository';
import { openStack, type OpenStack } from '../openStack';
import { parseTrafficArguments, type Range, type Truth } from '../traffic';
import { startWorkbench } from '../workbench/server';
import { agrees, comparisonTable } from './comparison';
import { type DemoReport, demoReports } from './reports';
import { rowsOf } from './rows';

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
  const host = await stages.run('loading the built plugin', () =>
    createHost({ lokiUrl: stack.loki.url, prometheusUrl: stack.prometheus.url })
  );
  const month = lastMonth(stack.truth);
  const dataSource = host.createDataSource({ prometheusUid: 'prometheus', lokiUid: 'loki' });
  let wrong = 0;
  for (const report of demoReports) {
    wrong += await showReport(report, host, dataSource, stack.truth, month);
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
  if (from.toMillis() < parameters.end - parameters.days * 86_400_000) {
    throw new UserError(`--days ${parameters.days} does not cover the last full month; 62 is always enough`);
  }
  return { from: from.toMillis(), to: to.toMillis() };
}

/** Runs one query, prints it beside the truth, and gives the number of figures that differ. */
async function showReport(
  { title, target, compare }: DemoReport,
  host: Host,
  dataSource: ReturnType<Host['createDataSource']>,
  truth: Truth,
  range: Range
): Promise<number> {
  host.resetRequests();
  const started = performance.now();
  const { response, error, thrown } = await host.queryOnce(dataSource, target, {
    from: range.from,
    to: range.to - 1,
    timezone: 'utc',
  });
  const took = performance.now() - started;
  const frame = response?.data[0] as DataFrame | undefined;
  if (thrown || !frame) {
    throw new UserError(`${title}: ${describeFailure(thrown ?? error)}`);
  }
  const comparisons = compare(rowsOf(frame), truth, range);
  const month = DateTime.fromMillis(range.from, { zone: 'utc' }).toFormat('LLLL yyyy', { locale: 'en' });
  consoleLog(`\n${title}, ${month}`);
  consoleLog(comparisonTable(comparisons));
  for (const { severity, text } of frame.meta?.notices ?? []) {
    consoleLog(`   ${severity}: ${text}`);
  }
  consoleLog(`   took ${formatDuration(took)}; ${describeRequests(host)}\n`);
  return comparisons.filter((comparison) => !agrees(comparison)).length;
}

function describeFailure(error: unknown): string {
  const message = (error as { message?: unknown } | undefined)?.message;
  return typeof message === 'string' ? message : 'no frame was returned';
}

function describeRequests(host: Host): string {
  const byEngine = (engine: string) => host.requests.filter((request) => request.engine === engine);
  return Object.entries({ loki: 'Loki', prometheus: 'Prometheus' })
    .map(([engine, name]) => {
      const requests = byEngine(engine);
      const bytes = requests.reduce((sum, request) => sum + request.bytes, 0);
      const time = requests.reduce((sum, request) => sum + (request.ms ?? 0), 0);
      return `${name}: ${amountOf(requests.length, 'request')}, ${formatDuration(time)} of response time, ${inGroups(Math.round(bytes / 1000))} kB`;
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
