import { ask, rowsOfAnswer } from '../core/asking';
import { openCore } from '../core/openCore';
import { type Seconds } from './lives';

/** A namespace prefix for each scheme, so that one Prometheus holds them all. */
export const namespaces = {
  oscar: 'relabelled',
  'ours-labels': 'labelled',
  'ours-pod': 'podded',
  'ours-lifetimes': 'complete',
  'ours-names': 'nameonly',
} as const;

/** OSCAR's own template over the whole range, by the label that it puts the service's name into. */
export async function oscarHours(prometheusUrl: string, { from, to }: Seconds): Promise<Map<string, number>> {
  const selector = `container_cpu_usage_seconds_total{namespace=~"${namespaces.oscar}.*",service=~".*"}`;
  const query = `sum by (service) (increase(${selector}[${to - from}s])) / 3600`;
  const response = await fetch(`${prometheusUrl}/api/v1/query`, {
    method: 'POST',
    body: new URLSearchParams({ query, time: String(to) }),
  });
  const body = (await response.json()) as {
    data: { result: Array<{ metric: { service?: string }; value: [number, string] }> };
  };
  return new Map(body.data.result.map(({ metric, value }) => [metric.service ?? '', Number(value[1])]));
}

/** What the plugin's core says of the same range, by its default measure, whether it says that it is not whole, and why. */
export async function pluginHours(prometheusUrl: string, servicesNamespace: string, { from, to }: Seconds) {
  const session = openCore({ prometheusUrl }).open({ servicesNamespace });
  const range = { from: from * 1000, to: to * 1000 };
  const answer = await ask(session, { queryType: 'metric', metric: 'cpu-hours' }, range);
  const hours = new Map(rowsOfAnswer(answer).map((row) => [String(row.service), Number(row.value)]));
  const cpu = answer.completeness.find(({ source }) => source === 'usage-cpu');
  return { hours, flagged: cpu?.status !== 'ok', notes: answer.completeness.flatMap(({ notes }) => notes) };
}
