import { escapeInString } from './promql';
import { duration, marked, union } from './promqlText';
import { partLabel } from './promqlUsage';
import { escapeRegex } from './regex';

/** Counters of containers, whatever their namespace: a cluster always runs some of its own. */
export const anyContainer = 'container_cpu_usage_seconds_total{container!=""}';

/** The jobs that delivered the series of a selector, one series each. The one without a label: from no job. */
export function jobsThatDeliver(selector: string, lookMs: number): string {
  return `group by (job) (last_over_time(${selector}[${duration(lookMs)}]))`;
}

/**
 * How well jobs were scraped in a slot, by `oscar_part`: `scrapes`: that succeeded, of the target that has most; `failed`:
 * that did not, of the target that has most; `down`: targets of which no scrape succeeded.
 */
export function scrapesOfJobs(jobs: readonly string[], slotMs: number): string {
  const up = `up{job=~"${escapeInString(jobs.map(escapeRegex).join('|'))}"}[${duration(slotMs)}]`;
  return union(
    marked(`max(sum_over_time(${up}))`, partLabel, 'scrapes'),
    marked(`max(count_over_time(${up}) - sum_over_time(${up}))`, partLabel, 'failed'),
    marked(`count(max_over_time(${up}) == 0)`, partLabel, 'down')
  );
}

/** The same where no `up` tells of the scrapes: samples of the series of a selector that has most. */
export function scrapesOfSeries(selector: string, slotMs: number): string {
  return marked(`max(count_over_time(${selector}[${duration(slotMs)}]))`, partLabel, 'scrapes');
}
