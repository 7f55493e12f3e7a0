import { type PodKind, podKinds } from '../traffic/podKinds';

/** What was measured, and how much the cluster told: see `schemes` of main.ts. */
export type MeasureName = 'oscar' | 'ours-labels' | 'ours-pod' | 'ours-lifetimes' | 'ours-names';

/** Errors as fractions of the truth. */
export interface Errors {
  total_error: number;
  /** Of the services of more than an hour. */
  worst_service_error: number;
}

/** One line of `npm run accuracy`. */
export interface AccuracyRow extends Errors {
  name: MeasureName;
  scrape_s: number;
  services_named_right: number;
  /** The same by kind of pod, as far as its hours can be told. */
  by_kind: Partial<Record<PodKind, Errors>>;
  /** Whether the report called the hours of a day that was scraped without a gap not whole; null for a peer, which never does. */
  flagged: boolean | null;
}

/** Errors of services with less than this say nothing about a measure. */
const minHours = 1;

export interface Measured {
  hours: ReadonlyMap<string, number>;
  flagged: boolean | null;
}

/**
 * Compares hours by service with the truth; `kinds` tells the kind of each service's pods. A service that does not occur
 * has an error of -1.
 */
export function compare(
  name: MeasureName,
  scrapeSeconds: number,
  { hours, flagged }: Measured,
  truth: ReadonlyMap<string, number>,
  kinds: ReadonlyMap<string, PodKind>
): AccuracyRow {
  const only = (kind: PodKind) => (service: string) => kinds.get(service) === kind;
  const present = podKinds.filter((kind) => [...truth.keys()].some(only(kind)));
  return {
    name,
    scrape_s: scrapeSeconds,
    ...errorsOf(hours, truth),
    services_named_right: [...truth.keys()].filter((service) => (hours.get(service) ?? 0) > 0).length,
    by_kind: Object.fromEntries(
      present.map((kind) => [kind, errorsOf(restricted(hours, only(kind)), restricted(truth, only(kind)))])
    ),
    flagged,
  };
}

function errorsOf(hours: ReadonlyMap<string, number>, truth: ReadonlyMap<string, number>): Errors {
  const errors = [...truth]
    .filter(([, expected]) => expected > minHours)
    .map(([service, expected]) => (hours.get(service) ?? 0) / expected - 1);
  return {
    total_error: sumOf(hours) / sumOf(truth) - 1,
    worst_service_error: errors.reduce((worst, error) => (Math.abs(error) > Math.abs(worst) ? error : worst), 0),
  };
}

function restricted(hours: ReadonlyMap<string, number>, keep: (service: string) => boolean): Map<string, number> {
  return new Map([...hours].filter(([service]) => keep(service)));
}

function sumOf(hours: ReadonlyMap<string, number>): number {
  return [...hours.values()].reduce((sum, value) => sum + value, 0);
}

/** The largest errors that are allowed, in total and for a service of more than an hour. */
interface Goal {
  total: number;
  service: number;
}

/** Where kube-state-metrics tells when pods began and ended. */
const best = (scrape: number): Goal =>
  scrape <= 30 ? { total: 0.005, service: 0.02 } : { total: 0.03, service: 0.08 };

const goals: Readonly<Record<MeasureName, (scrapeSeconds: number) => Goal | undefined>> = {
  oscar: () => undefined,
  'ours-labels': (scrape) => (scrape <= 30 ? { total: 0.012, service: 0.027 } : { total: 0.108, service: 0.24 }),
  'ours-pod': (scrape) => (scrape <= 30 ? { total: 0.012, service: 0.027 } : { total: 0.108, service: 0.24 }),
  'ours-lifetimes': best,
  'ours-names': best,
};

/** True where the hours of each kind of pod have the goals of the whole, not only all together. */
export function isJudgedByKind(name: MeasureName): boolean {
  return name === 'ours-lifetimes' || name === 'ours-names';
}

/**
 * What of a row misses its goal: `all`, kinds of pods, or `flag`, where names of pods had to do and nothing was said of
 * it. Undefined where there is no goal.
 */
export function missedBy(row: AccuracyRow): string[] | undefined {
  const goal = goals[row.name](row.scrape_s);
  if (!goal) {
    return undefined;
  }
  const parts = Object.entries({ all: row, ...(isJudgedByKind(row.name) && row.by_kind) });
  return [
    ...parts.filter(([, errors]) => !isWithin(errors, goal)).map(([part]) => part),
    ...(row.name === 'ours-names' && row.flagged === false ? ['flag'] : []),
  ];
}

function isWithin(errors: Errors, { total, service }: Goal): boolean {
  return Math.abs(errors.total_error) <= total && Math.abs(errors.worst_service_error) <= service;
}
