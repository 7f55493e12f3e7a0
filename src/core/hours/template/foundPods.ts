import { map, type Observable, of } from 'rxjs';

import { expandTemplate } from '../../expr/promql';
import { type PodQuery } from '../../expr/promqlGpu';
import { type KnownPod } from '../../expr/promqlPods';
import { type PrometheusClient } from '../../upstream/prometheus';
import { evaluate, valueAt } from '../evaluate';
import { type WindowRun } from '../windows';

/** More of them in a query are slower than all: Prometheus looks up to 256 texts of one matcher up in its index. */
const maxPods = 200;

/** VictoriaMetrics takes 16 KiB of a query by default. */
const maxQueryCharacters = 15_000;

/** Names of namespaces and pods (RFC 1123); no other is put into a query. */
const kubernetesName = /^[a-z0-9.-]*$/;

/**
 * The pods that have hours in each of some adjacent runs of equal shape, where they are few; else undefined. Only their labels
 * and completions are needed then, and not those of all pods, which cost the engine most. What is missing here may be
 * missing there, too: pods of a partial answer are not relied on. Errors like the client.
 */
export function readPods(
  client: PrometheusClient,
  pods: PodQuery['pods'] | undefined,
  runs: readonly WindowRun[],
  { servicesNamespace, lookBackMs }: { servicesNamespace: string; lookBackMs: number | undefined }
): Observable<Array<KnownPod[] | undefined>> {
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
        const found = series
          .filter((candidate) => valueAt(candidate, end - 1) !== undefined)
          .map(({ labels }) => pods.read(labels, servicesNamespace));
        const isWhole = warnings.length === 0 && found.every(isNamed);
        return isWhole && found.length <= maxPods ? found : undefined;
      })
    )
  );
}

function isNamed({ namespace, name }: KnownPod): boolean {
  return kubernetesName.test(namespace) && kubernetesName.test(name);
}

/** A query for the hours in the windows of a run: of the pods that were found, unless it is too long; else of all. */
export function hoursQuery(
  template: PodQuery['template'],
  pods: readonly KnownPod[] | undefined,
  { lengthMs }: WindowRun,
  { servicesNamespace, lookBackMs }: { servicesNamespace: string; lookBackMs: number | undefined }
): string {
  const expand = (text: string) => expandTemplate(text, { servicesNamespace, windowMs: lengthMs, lookBackMs });
  const ofSome = expand(template(pods));
  return pods && ofSome.length > maxQueryCharacters ? expand(template()) : ofSome;
}
