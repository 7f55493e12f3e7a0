import { type UsageOptions } from '../../src/core/options';
import { ask } from '../core/asking';
import { type Core } from '../core/openCore';
import { consoleLog } from '../lib/progress';
import { panelQueries, readShippedDashboard } from '../lib/shippedDashboard';

interface CostOptions {
  /** Options of a session that sees the honest lines alone, and of one that sees all. */
  honest: UsageOptions;
  hostile: UsageOptions;
  /** In ms since the epoch, the end exclusive. */
  span: { from: number; to: number };
  runs: number;
  /** Log entries of each kind, without which the ratios say nothing. */
  lines: { honest: number; hostile: number };
}

interface Cost {
  requests: number;
  ms: number;
}

/**
 * Prints what the dashboard's panels cost with the attacks and without, as medians of runs that take turns, each with nothing
 * remembered. Nothing fails by it: times depend on the machine.
 */
export async function compareCost(core: Core, { honest, hostile, span, runs, lines }: CostOptions): Promise<void> {
  const costs: Record<'honest' | 'hostile', Cost[]> = { honest: [], hostile: [] };
  for (let run = 0; run < runs; run += 1) {
    costs.honest.push(await costOf(core, honest, span));
    costs.hostile.push(await costOf(core, hostile, span));
  }
  const of = (name: 'honest' | 'hostile', figure: keyof Cost) => median(costs[name].map((cost) => cost[figure]));
  const ratio = (figure: keyof Cost) => (of('hostile', figure) / of('honest', figure)).toFixed(2);
  consoleLog(
    `dashboard with / without ${lines.hostile} attack lines beside ${lines.honest} honest ones, medians of ${runs} runs: ` +
      `${of('hostile', 'requests')} / ${of('honest', 'requests')} requests to Loki = ${ratio('requests')} ×, ` +
      `${of('hostile', 'ms').toFixed(0)} / ${of('honest', 'ms').toFixed(0)} ms = ${ratio('ms')} ×`
  );
}

async function costOf(core: Core, selectors: UsageOptions, span: CostOptions['span']): Promise<Cost> {
  const queries = panelQueries(readShippedDashboard());
  const session = core.open(selectors);
  core.log.reset();
  const started = performance.now();
  await Promise.all(queries.map(({ query }, index) => ask(session, query, span, { asker: `panel ${index}` })));
  const ms = performance.now() - started;
  return { requests: core.log.requests.filter(({ engine }) => engine === 'loki').length, ms };
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}
