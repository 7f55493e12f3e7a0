import Table from 'cli-table3';

/** A figure of a report beside its truth. */
export interface Comparison {
  figure: string;
  reported: string | number | null;
  truth: string | number | null;
  /** Relative difference that is still the same figure: 0 for counts, which must be exact. */
  tolerance: number;
}

/** True when the figure is the truth, within its tolerance. */
export function agrees({ reported, truth, tolerance }: Comparison): boolean {
  if (typeof reported !== 'number' || typeof truth !== 'number') {
    return reported === truth;
  }
  return Math.abs(reported - truth) <= tolerance * Math.abs(truth);
}

/** The difference of a figure from its truth, as text. */
function differenceOf({ reported, truth, tolerance }: Comparison): string {
  if (typeof reported !== 'number' || typeof truth !== 'number') {
    return reported === truth ? '0' : 'differs';
  }
  const difference = reported - truth;
  if (tolerance === 0 || difference === 0) {
    return Number.isInteger(difference) ? String(difference) : difference.toFixed(2);
  }
  return `${difference > 0 ? '+' : ''}${((100 * difference) / truth).toFixed(2)} %`;
}

/** A table of figures beside their truth, for the terminal. */
export function comparisonTable(comparisons: readonly Comparison[]): string {
  const table = new Table({
    head: ['figure', 'reported', 'truth', 'difference'],
    colAligns: ['left', 'right', 'right', 'right'],
    style: { head: [], border: [] },
    wordWrap: false,
  });
  for (const comparison of comparisons) {
    const { figure, reported, truth } = comparison;
    table.push([figure, shown(reported), shown(truth), differenceOf(comparison)]);
  }
  return table.toString();
}

function shown(value: string | number | null): string {
  if (value === null) {
    return '–';
  }
  if (typeof value === 'number') {
    return Number.isInteger(value) ? value.toLocaleString('en-US') : value.toFixed(2);
  }
  return value.length > 44 ? `${value.slice(0, 43)}…` : value;
}
