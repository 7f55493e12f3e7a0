import { dayMs, minuteMs } from '../../domain/duration';
import { activeGpuEvidence, gpuEvidence, oscarGpuEvidence } from '../../expr/promqlGpu';
import { anyContainer } from '../../expr/promqlScrapes';

/** Series of which the scrapes are asked for. */
export interface Scraped {
  selector: string;
  /** How far one look for their jobs goes back, in ms. */
  lookMs: number;
  /** The share of the usual scrapes below which a slot is a gap; of the failures that are left, more than the rest. */
  minShare: number;
}

/** Counters go on over some lost scrapes, so that only a real outage loses anything. */
export const counters = (selector: string): Scraped => ({ selector, lookMs: 10 * minuteMs, minShare: 0.5 });

/** Of what is counted by the minute, the minutes without a scrape are lost. */
export const gauges = (selector: string): Scraped => ({ selector, lookMs: dayMs, minShare: 0.9 });

export const containers = counters(anyContainer);

/** Metrics of which a template's scrapes are known. */
const scrapedMetrics: ReadonlyArray<readonly [metric: RegExp, scraped: Scraped]> = [
  [/\bcontainer_cpu_usage_seconds_total\b/, containers],
  [/\bkube_pod_container_resource_requests\b/, gauges(gpuEvidence)],
  [/\bDCGM_FI_\w+/, gauges(activeGpuEvidence)],
  [/\bcontainer_gpu_usage_seconds_total\b/, counters(oscarGpuEvidence)],
];

/** The series that show when the metrics of a template were scraped; none where they are not known. */
export function scrapedIn(template: string): Scraped[] {
  return scrapedMetrics.filter(([metric]) => metric.test(template)).map(([, scraped]) => scraped);
}
