/** One line of `npm run accuracy`; errors are fractions of the truth. */
export interface AccuracyRow {
  name: 'oscar' | 'ours-labels' | 'ours-pod' | 'ours-lifetimes';
  scrape_s: number;
  total_error: number;
  worst_service_error: number;
  services_named_right: number;
}

/** Errors of services with less than this say nothing about a measure. */
const leastHours = 1;

/** Compares hours by service with the truth. A service that does not occur has an error of -1. */
export function compare(
  name: AccuracyRow['name'],
  scrapeSeconds: number,
  measured: ReadonlyMap<string, number>,
  truth: ReadonlyMap<string, number>
): AccuracyRow {
  const errors = [...truth]
    .filter(([, hours]) => hours > leastHours)
    .map(([service, hours]) => (measured.get(service) ?? 0) / hours - 1);
  return {
    name,
    scrape_s: scrapeSeconds,
    total_error: sumOf(measured) / sumOf(truth) - 1,
    worst_service_error: errors.reduce((worst, error) => (Math.abs(error) > Math.abs(worst) ? error : worst), 0),
    services_named_right: [...truth.keys()].filter((service) => (measured.get(service) ?? 0) > 0).length,
  };
}

function sumOf(hours: ReadonlyMap<string, number>): number {
  return [...hours.values()].reduce((sum, value) => sum + value, 0);
}

/** The largest errors that are allowed, in total and for a service of more than an hour. */
interface Goal {
  total: number;
  service: number;
}

const goals: Readonly<Record<AccuracyRow['name'], (scrapeSeconds: number) => Goal | undefined>> = {
  oscar: () => undefined,
  'ours-labels': (scrape) => (scrape <= 30 ? { total: 0.012, service: 0.027 } : { total: 0.108, service: 0.24 }),
  'ours-pod': (scrape) => (scrape <= 30 ? { total: 0.012, service: 0.027 } : { total: 0.108, service: 0.24 }),
  'ours-lifetimes': (scrape) => (scrape <= 30 ? { total: 0.005, service: 0.02 } : { total: 0.03, service: 0.08 }),
};

/** Whether a row reaches its goal; undefined where there is none. */
export function reachesGoal(row: AccuracyRow): boolean | undefined {
  const goal = goals[row.name](row.scrape_s);
  return goal && Math.abs(row.total_error) <= goal.total && Math.abs(row.worst_service_error) <= goal.service;
}
