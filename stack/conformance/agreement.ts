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

/** A notice has a line for each source that is not whole, which says so where all is missing, and none for others. */
function noticeProblem({ source, status, advisory }: Entry, frame: DataFrame): string[] {
  const warnings = (frame.meta?.notices ?? []).filter(({ severity }) => severity === 'warning');
  const title = String(source)
    .replace(/-/g, ' ')
    .replace(/^usage (cpu|gpu)$/, '$1 hours');
  // Sources with the same reasons share a line: "request logs and country attribution missing: …".
  const heads = warnings
    .flatMap(({ text }) => text.toLowerCase().split(' · '))
    .map((line) => line.split(':')[0] ?? '')
    .map((head) => ({ names: head.replace(/ missing$/, '').split(/, | and /), isMissing: head.endsWith(' missing') }));
  const own = heads.find(({ names }) => names.includes(title));
  if (status === 'ok' || advisory) {
    return own ? [`the notice warns of ${title}, which is ${String(status)}`] : [];
  }
  return own?.isMissing === (status === 'missing') ? [] : [`no notice says that ${title} is ${String(status)}`];
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
