import { completenessEntry } from '../completeness/notices';
import { sourceNames } from '../domain/sources';
import { type Report } from './report';

/** One row per source: how much of the range it covers, and which metrics that touches (contract, "completeness"). */
export const completeness: Report = {
  answersAlways: true,

  needs: () => ({ requests: true, exposed: true, cpu: true, gpu: true, inventory: true }),

  sources: () => sourceNames,

  columns: () => [
    { name: 'source', type: 'text' },
    { name: 'status', type: 'text' },
    { name: 'coverage_percent', type: 'number' },
    { name: 'covered_from', type: 'text' },
    { name: 'covered_to', type: 'text' },
    { name: 'last_updated', type: 'text' },
    { name: 'affected_metrics', type: 'text' },
    { name: 'notes', type: 'text' },
  ],

  rows: ({ states }) =>
    states.map((state) => {
      const { affected_metrics, notes, source, status, coverage_percent, covered_from, covered_to, last_updated } =
        completenessEntry(state);
      return {
        sources: [state.source],
        cells: {
          source,
          status,
          coverage_percent,
          covered_from,
          covered_to,
          last_updated,
          affected_metrics: affected_metrics.join('|'),
          notes: notes.join('; '),
        },
      };
    }),

  series: ({ states }) =>
    states.map(({ source, coveragePercent, status }) => ({
      name: 'coverage_percent',
      labels: { source },
      unit: 'percent',
      value: status === 'missing' ? 0 : coveragePercent,
      sources: [],
    })),
};
