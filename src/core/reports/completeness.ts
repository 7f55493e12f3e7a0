import { type SourceState } from '../completeness/model';
import { completenessEntry } from '../completeness/notices';
import { sourceNames } from '../domain/sources';
import { type Report } from './report';
import { tableReport } from './tableReport';

// Every column tells of all sources.
const sources = sourceNames;

const table = tableReport<SourceState>({
  columns: [
    { name: 'source', type: 'text', role: 'key', sources, cell: (state) => state.source },
    { name: 'status', type: 'text', sources, cell: (state) => state.status },
    { name: 'coverage_percent', type: 'number', sources, cell: (state) => state.coveragePercent },
    { name: 'covered_from', type: 'text', sources, cell: (state) => completenessEntry(state).covered_from },
    { name: 'covered_to', type: 'text', sources, cell: (state) => completenessEntry(state).covered_to },
    { name: 'last_updated', type: 'text', sources, cell: (state) => completenessEntry(state).last_updated },
    {
      name: 'affected_metrics',
      type: 'text',
      sources,
      cell: (state) => completenessEntry(state).affected_metrics.join('|'),
    },
    { name: 'notes', type: 'text', sources, cell: (state) => state.notes.join('; ') },
  ],
  order: 'fixed',
  *items({ states }) {
    return states;
  },
  sourcesOf: ({ source }) => [source],
});

/** One row per source: how much of the range it covers, and which metrics that touches (contract, "completeness"). */
export const completeness: Report = {
  ...table,
  answersAlways: true,
  showsRemarks: true,
  showsExamples: true,
  series: {
    drawn: ['coverage_percent'],
    *points({ states }) {
      return states.map(({ source, coveragePercent, status }) => ({
        name: 'coverage_percent',
        labels: { source },
        unit: 'percent',
        value: status === 'missing' ? 0 : coveragePercent,
        sources: [],
      }));
    },
  },
};
