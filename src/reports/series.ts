import { type Cell, type SeriesPoint } from './report';

/** Points of one bucket: one series for each name, which becomes its label. */
export function pointsOf(
  values: ReadonlyArray<readonly [name: string, value: Cell]>,
  { name, label, sources }: Pick<SeriesPoint, 'name' | 'sources'> & { label: string }
): SeriesPoint[] {
  return values.map(([text, value]) => ({ name, labels: { [label]: text }, unit: 'short', value, sources }));
}
