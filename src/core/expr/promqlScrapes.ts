import { escapeInString } from './promql';
import { partLabel } from './promqlCpu';
import { duration, marked, union } from './promqlText';
import { escapeRegex } from './regex';

/** Counters of containers, whatever their namespace: a cluster always runs some of its own. */
export const anyContainer = 'container_cpu_usage_seconds_total{container!=""}';

/** Targets that deliver something: a job, and the path that they are scraped at where their series name it. */
export interface Targets {
  job: string;
  path?: string;
}

/** The targets that delivered the series of a selector, one series each. The one without a label: from no job. */
export function targetsThatDeliver(selector: string, lookMs: number): string {
  return `group by (job, metrics_path) (last_over_time(${selector}[${duration(lookMs)}]))`;
}

/**
 * How well targets were scraped in a slot, by `oscar_part`: `scrapes`: that succeeded, of the target that has most; `failed`:
 * that did not, of the target that has most; `down`: targets of which no scrape succeeded. A kubelet is scraped at several
 * paths under one job, of which the others don't matter.
 */
export function scrapesOfTargets(targets: readonly Targets[], slotMs: number): string {
  const among = (label: string, values: readonly string[]) =>
    `${label}=~"${escapeInString([...new Set(values)].map(escapeRegex).join('|'))}"`;
  const paths = targets.flatMap(({ path }) => path ?? []);
  const matchers = [
    among(
      'job',
      targets.map(({ job }) => job)
    ),
    ...(paths.length === targets.length ? [among('metrics_path', paths)] : []),
  ];
  const up = `up{${matchers.join(',')}}[${duration(slotMs)}]`;
  return union(
    marked(`max(sum_over_time(${up}))`, partLabel, 'scrapes'),
    marked(`max(count_over_time(${up}) - sum_over_time(${up}))`, partLabel, 'failed'),
    marked(`count(max_over_time(${up}) == 0)`, partLabel, 'down')
  );
}

/** The same where there is no `up` of the scrapes: samples of the series of a selector that has most. */
export function scrapesOfSeries(selector: string, slotMs: number): string {
  return marked(`max(count_over_time(${selector}[${duration(slotMs)}]))`, partLabel, 'scrapes');
}
