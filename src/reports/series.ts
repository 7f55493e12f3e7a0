import { type Row, type SeriesPoint } from './report';

/** Points from the rows of a report: one series per row, labelled by the row's key. */
export function pointsOf(
  rows: readonly Row[],
  { value, label, key, unit = 'short' }: { value: string; label: string; key: string; unit?: SeriesPoint['unit'] }
): SeriesPoint[] {
  return rows.map(({ cells, sources }) => ({
    name: value,
    labels: { [label]: String(cells[key]) },
    unit,
    value: cells[value] ?? null,
    sources,
  }));
}
