import { escapeInString, escapeRegex } from './promql';
import { duration, marked, union } from './promqlText';
import { partLabel } from './promqlUsage';

/** The jobs that scrape containers, whatever their namespace: a cluster always runs some of its own. */
export function containerJobs(lookMs: number): string {
  return `group by (job) (last_over_time(container_cpu_usage_seconds_total{job!="",container!=""}[${duration(lookMs)}]))`;
}

/**
 * How well jobs were scraped in a slot, by `oscar_part`: `scrapes`: of the target that was scraped most; `down`: targets
 * of which no scrape succeeded.
 */
export function scrapesOfJobs(jobs: readonly string[], slotMs: number): string {
  const up = `up{job=~"${escapeInString(jobs.map(escapeRegex).join('|'))}"}[${duration(slotMs)}]`;
  return union(
    marked(`max(sum_over_time(${up}))`, partLabel, 'scrapes'),
    marked(`count(max_over_time(${up}) == 0)`, partLabel, 'down')
  );
}

/** The same where no `up` tells of the scrapes: samples of the container that has most. */
export function scrapesOfContainers(slotMs: number): string {
  const samples = `count_over_time(container_cpu_usage_seconds_total{container!=""}[${duration(slotMs)}])`;
  return marked(`max(${samples})`, partLabel, 'scrapes');
}
