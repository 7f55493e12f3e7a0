import { createParameters, type Truth } from '../traffic';
import { judgeHours } from './hours';
import { type ReportAnswer } from './reports';

const start = Date.parse('2026-06-15T10:00:00Z');
const range = { from: start, to: start + 3_600_000 };
const usage = (service: string, hours: number) => ({
  minute: start / 60_000,
  service,
  kind: 'job' as const,
  cpuSeconds: hours * 3600,
  gpuSeconds: 0,
});
const truth: Truth = {
  parameters: createParameters(),
  activeServices: [],
  entries: 0,
  hasUsage: true,
  requests: () => [],
  exposed: () => [],
  usage: () => [usage('a', 10), usage('b', 2), usage('(unattributed)', 0.1)],
};

function answer(status: 'ok' | 'partial', hours: Record<string, number>): ReportAnswer {
  return {
    target: { queryType: 'breakdown', groupBy: 'service' },
    result: {
      rows: Object.entries(hours).map(([key, cpu_hours]) => ({ key, cpu_hours })),
      sources: [{ source: 'usage-cpu', status, notes: [], covered_from: null, covered_to: null, missing: [] }],
      warnings: [],
    },
  };
}

it('takes hours that are near the truth', () => {
  expect(judgeHours(answer('ok', { a: 9.9, b: 2.05, '(unattributed)': 0.1 }), truth, range)).toEqual([]);
});

it('names hours that are too small, unless they are flagged', () => {
  expect(judgeHours(answer('ok', { a: 9.9, b: 1 }), truth, range)).toEqual([
    'breakdown service: everything has 10.90 CPU hours (ok), but used 12.10',
    'breakdown service: b has 1.00 CPU hours (ok), but used 2.00',
  ]);
  expect(judgeHours(answer('partial', { a: 9.9, b: 1 }), truth, range)).toEqual([]);
});

it('names hours that are too large in any case, as a restart that is counted twice would make them', () => {
  expect(judgeHours(answer('partial', { a: 12, b: 2 }), truth, range)).toHaveLength(2);
});
