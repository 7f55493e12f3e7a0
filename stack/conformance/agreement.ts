import { type DataFrame } from '@grafana/data';

import { type Row, rowsOf } from './frames';

interface Entry {
  source?: unknown;
  status?: unknown;
  coverage_percent?: unknown;
  notes?: unknown;
  advisory?: unknown;
}

const rank = ['ok', 'partial', 'missing'];

/**
 * Where a frame says different things of its completeness: the notice, `meta.custom.completeness`, the column, and the
 * rows of the query type `completeness` over the same range. Empty when they agree. Sources that are only advisory are no
 * reason to warn.
 */
export function disagreements(frame: DataFrame, table?: DataFrame): string[] {
  const custom: unknown = frame.meta?.custom?.completeness;
  const entries: Entry[] = Array.isArray(custom) ? custom : [];
  return [
    ...entries.flatMap((entry) => noticeProblem(entry, frame)),
    ...columnProblems(entries, frame),
    ...(table ? entries.flatMap((entry) => tableProblem(entry, rowsOf(table))) : []),
  ];
}

/** A notice names each source that is not whole, its status and its coverage, and no others. */
function noticeProblem({ source, status, coverage_percent: coverage, advisory }: Entry, frame: DataFrame): string[] {
  const warnings = (frame.meta?.notices ?? []).filter(({ severity }) => severity === 'warning');
  const text = warnings.map((notice) => ` · ${notice.text.toLowerCase()}`).join('');
  const title = String(source)
    .replace(/-/g, ' ')
    .replace(/^usage (cpu|gpu)$/, '$1 usage');
  if (status === 'ok' || advisory) {
    const isNamed = ['partial', 'missing'].some((word) => text.includes(` · ${title} ${word}`));
    return isNamed ? [`the notice warns of ${title}, which is ${String(status)}`] : [];
  }
  const share = status === 'partial' && typeof coverage === 'number' && coverage < 100 ? ` (${coverage} %)` : '';
  const words = `${title} ${String(status)}${share}:`;
  return text.includes(` · ${words}`) ? [] : [`no notice says "${words}"`];
}

/** No row is worse than the worst source of the frame; a row of the whole range that depends on all is as bad. */
function columnProblems(entries: readonly Entry[], frame: DataFrame): string[] {
  const rows = rowsOf(frame).filter(({ completeness }) => completeness !== undefined);
  const worst = Math.max(
    0,
    ...entries.filter(({ advisory }) => !advisory).map(({ status }) => rank.indexOf(String(status)))
  );
  const statuses = rows.map(({ completeness }) => rank.indexOf(String(completeness)));
  if (statuses.some((status) => status < 0 || status > worst)) {
    return [
      `a row's completeness is not that of any source: ${[...new Set(rows.map((row) => row.completeness))].join(', ')}`,
    ];
  }
  // A time series has no rows of figures, hence no such column.
  const isWholeSummary =
    frame.name === 'summary' && rows.length > 0 && !frame.fields.some(({ name }) => name === 'period');
  return isWholeSummary && statuses[0] !== worst ? [`the summary's completeness is not ${rank[worst]}`] : [];
}

function tableProblem({ source, status, coverage_percent: coverage, notes }: Entry, rows: readonly Row[]): string[] {
  const row = rows.find((one) => one.source === source);
  const expected = [status, coverage, (Array.isArray(notes) ? notes : []).join('; ')];
  const found = row && [row.status, row.coverage_percent, row.notes];
  return JSON.stringify(found) === JSON.stringify(expected)
    ? []
    : [
        `the completeness table says ${JSON.stringify(found)} of ${String(source)}, the frame ${JSON.stringify(expected)}`,
      ];
}
