import { map, type Observable, of } from 'rxjs';

import { expandTemplate } from '../../expr/promql';
import { partLabel } from '../../expr/promqlCpu';
import { type PodQuery } from '../../expr/promqlGpu';
import { hasPlainLabels, type KnownPod, plainShape, podLabel } from '../../expr/promqlPods';
import { type PrometheusClient, type PromSeries } from '../../upstream/prometheus';
import { evaluate, valueAt } from '../evaluate';
import { addTo } from '../sums';
import { type WindowRun } from '../windows';

/** More of them in a query are slower than all: Prometheus looks up to 256 texts of one matcher up in its index. */
const maxPods = 200;

/** VictoriaMetrics takes 16 KiB of a query by default. */
export const maxQueryCharacters = 15_000;

/** Names of namespaces and pods (RFC 1123); no other is put into a query. */
const kubernetesName = /^[a-z0-9.-]*$/;

/** The pods that have hours in a run of windows. */
export interface FoundPods {
  pods: KnownPod[];
  /** Samples by pod (`oscar_pod`, empty for none), and all of them. */
  counts: ReadonlyMap<string, number>;
  samples: number;
  /** Whether nothing is identified otherwise than by `namespace` and `pod`, so that samples of these pods show all. */
  isShown: boolean;
}

/**
 * The pods that have hours in each of some adjacent runs of equal shape, undefined where they can't be relied on. Where they are few,
 * only their labels and completions are needed, and not those of all pods, which cost the engine most. What is missing here may be
 * missing there, too: pods of a partial answer are not relied on. Errors like the client.
 */
export function readPods(
  client: PrometheusClient,
  pods: PodQuery['pods'] | undefined,
  runs: readonly WindowRun[],
  { servicesNamespace, lookBackMs }: { servicesNamespace: string; lookBackMs: number | undefined }
): Observable<Array<FoundPods | undefined>> {
  const [run] = runs;
  if (pods === undefined || !run) {
    return of(runs.map(() => undefined));
  }
  const lengthMs = run.lengthMs * run.count;
  const query = expandTemplate(pods.query, { servicesNamespace, windowMs: lengthMs, lookBackMs });
  const first = { start: run.first.start, end: run.first.start + lengthMs };
  return evaluate(client, query, { first, lengthMs, count: runs.length }).pipe(
    map(({ series, warnings }) =>
      runs.map((one) => {
        const end = one.first.start + one.count * one.lengthMs;
        const there = series.filter((candidate) => valueAt(candidate, end - 1) !== undefined);
        const found = foundPods(there, end - 1, (labels) => pods.read(labels, servicesNamespace));
        return warnings.length === 0 && found.pods.every(isNamed) ? found : undefined;
      })
    )
  );
}

function foundPods(series: readonly PromSeries[], at: number, read: (labels: Labels) => KnownPod): FoundPods {
  const ofPods = series.filter(({ labels }) => labels[partLabel] === undefined);
  const known = ofPods.map(({ labels }) => read(labels));
  const isShown = ofPods.length === series.length && known.every(hasPlainLabels);
  const counts = new Map<string, number>();
  for (const one of ofPods) {
    addTo(counts, one.labels[podLabel] ?? '', valueAt(one, at) ?? 0);
  }
  return {
    pods: isShown ? known.map((pod) => ({ ...pod, shape: plainShape })) : known,
    counts,
    samples: [...counts.values()].reduce((sum, count) => sum + count, 0),
    isShown,
  };
}

type Labels = PromSeries['labels'];

function isNamed({ namespace, name }: KnownPod): boolean {
  return kubernetesName.test(namespace) && kubernetesName.test(name);
}

/** A query for the hours in the windows of a run: of the pods that were found, unless it is too long; else of all. */
export function hoursQuery(
  template: PodQuery['template'],
  found: FoundPods | undefined,
  { lengthMs }: WindowRun,
  { servicesNamespace, lookBackMs }: { servicesNamespace: string; lookBackMs: number | undefined }
): string {
  const expand = (text: string) => expandTemplate(text, { servicesNamespace, windowMs: lengthMs, lookBackMs });
  const pods = found && found.pods.length <= maxPods ? found.pods : undefined;
  const ofSome = expand(template(pods));
  return pods && ofSome.length > maxQueryCharacters ? expand(template()) : ofSome;
}
