import { join } from 'node:path';

import { dayMs } from '../src/core/domain/duration';
import { type UsageQuery } from '../src/core/query';
import { ask, rowsOfAnswer } from '../stack/core/asking';
import { openCore } from '../stack/core/openCore';
import { type Log, type Stages } from '../stack/lib/progress';
import { repositoryRoot } from '../stack/lib/repository';
import { openStack } from '../stack/openStack';
import { expectedByCountry, expectedByService, expectedByUser, type Range, type Truth } from '../stack/traffic';
import { awaitCompaction } from './compaction';
import { type Cost } from './measure';
import { type BenchWork, equalsTruth } from './works';

const end = Date.parse('2025-11-01T00:00:00Z');
/** The last day of this span has as many requests as a day of size s. */
const span = { days: 2, lines: 34_000, seed: 5, end };
/** Requests to invented names, of the manager and of the ingress, and to real ones with a token that can't be read. */
const invented = 20_000;
/** What they may cost: requests and time as multiples of those of the same day without them. */
const maxTimes = 1.3;

/** Cells that differ and are printed. */
const maxTexts = 10;

export const dayRows = { plain: 'day', flooded: 'day-invented' } as const;

/**
 * One and the same day in two Lokis, one of which has many requests more that are all rejected: no figure but their own may
 * change. The engines end with `stopEngines`.
 */
export async function floodedDayWorks(log: Log, stages: Stages): Promise<BenchWork[]> {
  const plain = await openDay(dayRows.plain, 0, log, stages);
  const flooded = await openDay(dayRows.flooded, invented, log, stages);
  return [plain, flooded];
}

async function openDay(name: BenchWork['name'], more: number, log: Log, stages: Stages): Promise<BenchWork> {
  const { loki, prometheus, truth } = await openStack({
    directory: join(repositoryRoot, '.data', `bench-${name}`),
    traffic: { ...span, invented: more },
    lokiPort: 0,
    withMetrics: false,
    log,
    stages,
  });
  await stages.run('waiting until Loki has compacted its index', () => awaitCompaction(loki.url));
  const core = openCore({ lokiUrl: loki.url, prometheusUrl: prometheus.url });
  const range = { from: end - dayMs, to: end };
  const run = async () => {
    const session = core.open();
    const queries: UsageQuery[] = [
      { queryType: 'summary' },
      { queryType: 'breakdown', groupBy: 'service' },
      { queryType: 'breakdown', groupBy: 'user' },
      { queryType: 'breakdown', groupBy: 'country' },
    ];
    const [summary, ...breakdowns] = await Promise.all(queries.map((query) => ask(session, query, range)));
    return () => {
      const wrong = breakdowns.flatMap((answer, index) =>
        differing(rowsOfAnswer(answer), expectations[index]!(truth, range))
      );
      wrong.slice(0, maxTexts).forEach((text) => log(`   ${name}: ${text}`));
      return summary !== undefined && equalsTruth(summary, truth, range) && wrong.length === 0;
    };
  };
  return { name, log: core.log, engines: [loki.url], floor: [dayRows.plain], prepare: run, run };
}

type ExpectedRow = Readonly<Record<string, string | number | null>>;

const expectations: ReadonlyArray<(truth: Truth, range: Range) => ExpectedRow[]> = [
  (truth, range) => expectedByService(truth, range).map((row) => ({ ...row })),
  (truth, range) => expectedByUser(truth, range).map((row) => ({ ...row })),
  (truth, range) => expectedByCountry(truth, range).map((row) => ({ ...row })),
];

/** Cells that are not the truth, as texts; only columns that both have, which leaves out hours and lists of users. */
function differing(rows: readonly ExpectedRow[], expected: readonly ExpectedRow[]): string[] {
  const byKey = new Map(rows.map((row) => [row.key, row]));
  const counts = (row: ExpectedRow) =>
    Object.keys(row).filter((column) => column.endsWith('_count') || /_count_/.test(column));
  return [
    ...(rows.length === expected.length ? [] : [`${rows.length} rows instead of ${expected.length}`]),
    ...expected.flatMap((row) =>
      counts(row)
        .filter((column) => byKey.get(row.key)?.[column] !== row[column])
        .map((column) => `${row.key} ${column} is ${byKey.get(row.key)?.[column]} instead of ${row[column]}`)
    ),
  ];
}

type PartialCost = Pick<Cost, 'ms' | 'requests'>;

/** What the further requests cost, as text; of median runs of both rows. */
export function costOfInvented(plain: PartialCost, flooded: PartialCost): string {
  const requests = flooded.requests / plain.requests;
  const time = flooded.ms / plain.ms;
  return (
    `${invented.toLocaleString('en-US')} requests to invented names cost ${requests.toFixed(2)} × the requests and ` +
    `${time.toFixed(2)} × the time of the same day (goal: ${maxTimes})`
  );
}
