import { catchError, defer, forkJoin, map, type Observable, of, switchMap } from 'rxjs';

import { dayMs, hourMs } from '../domain/duration';
import { labelsAllowlist, serviceLabels } from '../domain/podLabels';
import { keepsHalfAYear, prometheusRetention } from '../domain/retention';
import { amountOf, isoTime } from '../domain/text';
import { expandTemplate } from '../expr/promql';
import { activeGpuEvidence, defaultGpuQuery, gpuEvidence, oscarGpuEvidence } from '../expr/promqlGpu';
import { type Settings } from '../settings';
import { type PrometheusClient, type PromResult } from '../upstream/prometheus';
import { type Explain } from './explain';
import { type HealthLine } from './line';

const namespaces = 'namespace=~"{{services_namespace}}.*"';

/** Matchers of the pods whose labels lead to no service. Image pullers are of none. */
const leadNowhere = serviceLabels
  .map(({ label, prefix }) => (prefix ? `${label}!~"${prefix}.+"` : `${label}=""`))
  .join(',');

/** Series of kube-state-metrics, also where those of its own pod took the place of an object's labels. */
function ofObjects(metric: string, matchers: string, podMatcher = ''): string {
  const own = `${metric}{${namespaces},${matchers}${podMatcher && `,pod${podMatcher}`}}`;
  const exported = `${metric}{exported_${namespaces},${matchers}${podMatcher && `,exported_pod${podMatcher}`}}`;
  return `${own} or ${exported}`;
}

const noPuller = '!~"image-puller-.*"';

/** What is looked for, each as selectors of series of the last hour, joined by `or`. */
const wanted = {
  cpu: `container_cpu_usage_seconds_total{${namespaces}}`,
  cpuByPod: `container_cpu_usage_seconds_total{${namespaces},pod!=""}`,
  cpuByService: `container_cpu_usage_seconds_total{${namespaces},pod="",service!=""}`,
  anyCpu: 'container_cpu_usage_seconds_total',
  exportedCpu: `container_cpu_usage_seconds_total{exported_${namespaces}}`,
  pods: ofObjects('kube_pod_info', 'pod!=""', noPuller),
  podLabels: ofObjects('kube_pod_labels', 'pod!=""', noPuller),
  unlabelledPods: ofObjects('kube_pod_labels', leadNowhere, noPuller),
  configMapLabels: ofObjects('kube_configmap_labels', 'label_oscar_service!=""'),
  kubeStateMetrics: `{__name__=~"kube_pod_info|kube_pod_labels|kube_configmap_labels|kube_configmap_info"}`,
  gpu: gpuEvidence,
  podPhases: 'kube_pod_status_phase{phase="Running"}',
  busyGpu: activeGpuEvidence,
  oscarGpu: oscarGpuEvidence,
} as const;

type Found = ReadonlySet<keyof typeof wanted>;

const line = (level: HealthLine['level'], text: string): HealthLine => ({ level, upstream: 'Prometheus', text });

/** Asks a Prometheus small real questions; `now` in ms since the epoch. Never errors. */
export function prometheusHealth(
  openClient: () => PrometheusClient,
  { servicesNamespace, gpuQuery }: Settings,
  now: number,
  explain: Explain
): Observable<HealthLine[]> {
  return defer(() => {
    const client = openClient();
    const query = expandTemplate(inventoryOfSeries(), { servicesNamespace, windowMs: hourMs });
    return client.instant(query, now).pipe(
      switchMap((result) =>
        forkJoin([version(client), of(linesOfData(result, servicesNamespace, gpuQuery)), age(client, now)])
      ),
      map((lines) => lines.flat())
    );
  }).pipe(catchError((error: unknown) => of([line('error', explain('Prometheus', error))])));
}

/** One question for all: the number of series of each kind, under a label that names the kind. */
function inventoryOfSeries(): string {
  return Object.entries(wanted)
    .map(
      ([name, selectors]) =>
        `label_replace(count(${selectors
          .split(' or ')
          .map((selector) => `last_over_time(${selector}[{{range}}])`)
          .join(' or ')}), "found", "${name}", "", "")`
    )
    .join(' or ');
}

function linesOfData({ series, warnings }: PromResult, namespace: string, gpuQuery: string): HealthLine[] {
  const found: Found = new Set(series.map(({ labels }) => labels['found'] as keyof typeof wanted));
  return [
    ...warnings.map((warning) => line('warning', `answers may be incomplete: ${warning}`)),
    cpuLine(found, namespace),
    ...schemeLines(found),
    inventoryLine(found),
    ...(gpuQuery === defaultGpuQuery ? [gpuLine(found)] : []),
  ];
}

/** What GPU hours are made of: the best of what is there, as in the reports. */
function gpuLine(found: Found): HealthLine {
  if (found.has('gpu')) {
    return found.has('podPhases')
      ? line('ok', 'GPU requests and pod phases found (kube-state-metrics)')
      : line(
          'warning',
          'GPUs of pods or nodes found, but no pod phases (kube_pod_status_phase): pods that failed, ended or wait for a node ' +
            'may be counted as if they held their GPUs; keep kube_pod_status_phase and kube_pod_status_scheduled of kube-state-metrics'
        );
  }
  const none = 'kube-state-metrics reports no GPUs of pods or nodes';
  if (found.has('busyGpu')) {
    return line('ok', `${none}: GPU hours are the hours in which GPUs were busy (${activeGpuEvidence})`);
  }
  return found.has('oscarGpu')
    ? line('ok', `${none}: GPU hours come from ${oscarGpuEvidence}`)
    : line(
        'ok',
        `${none}, and neither ${activeGpuEvidence} nor ${oscarGpuEvidence} exists: GPU hours are missing, not 0. That is right in a cluster without GPUs; in one with GPUs, keep kube_pod_container_resource_requests of kube-state-metrics`
      );
}

function cpuLine(found: Found, namespace: string): HealthLine {
  if (found.has('cpu')) {
    return line('ok', `CPU time of containers in ${namespace}* found`);
  }
  if (found.has('exportedCpu')) {
    return line(
      'ok',
      `CPU time of containers in ${namespace}* found, under exported labels: cAdvisor is scraped without honor_labels`
    );
  }
  return found.has('anyCpu')
    ? line(
        'warning',
        `no container in a namespace starting with ${namespace} in the last hour: the services are idle, or the option servicesNamespace is wrong`
      )
    : line(
        'warning',
        'no container_cpu_usage_seconds_total in the last hour, so there are no CPU hours: scrape cAdvisor (kubelet, /metrics/cadvisor)'
      );
}

/** Which labels say what service a pod belongs to (best first), and what to change for a better scheme. */
function schemeLines(found: Found): HealthLine[] {
  if (found.has('podLabels') && !found.has('unlabelledPods')) {
    return [line('ok', 'services of pods: kube_pod_labels names the service of every pod')];
  }
  if (found.has('podLabels')) {
    return [
      line(
        'warning',
        'services of pods: some pods have no label in kube_pod_labels that leads to a service, so their services are read from their names; ' +
          `start kube-state-metrics with ${labelsAllowlist}`
      ),
    ];
  }
  if (found.has('kubeStateMetrics') && !found.has('pods') && !found.has('cpuByPod')) {
    return [
      line(
        'warning',
        `services of pods: unknown, because no service had a pod in the last hour; kube-state-metrics needs ${labelsAllowlist}`
      ),
    ];
  }
  const why = found.has('kubeStateMetrics')
    ? `kube-state-metrics does not export pod labels; start it with ${labelsAllowlist}`
    : `kube-state-metrics is not scraped; install it and start it with ${labelsAllowlist}`;
  if (found.has('cpuByPod')) {
    return [line('warning', `services of pods: read from the names of the pods. For exact services: ${why}`)];
  }
  if (found.has('cpuByService')) {
    return [
      line(
        'warning',
        `services of pods: from OSCAR's label service, without the label pod, so the pods of a service share one series; keep the label pod. ${why}`
      ),
    ];
  }
  return [line('warning', `services of pods: unknown, so CPU time can't be attributed to services. ${why}`)];
}

function inventoryLine(found: Found): HealthLine {
  return found.has('configMapLabels')
    ? line('ok', 'deployed services are listed by kube_configmap_labels')
    : line(
        'warning',
        `no metric lists the deployed services (kube_configmap_labels with label_oscar_service); start kube-state-metrics with ${labelsAllowlist}`
      );
}

function version(client: PrometheusClient): Observable<HealthLine[]> {
  return client.version().pipe(
    map((text) => [line('ok', `reachable, version ${text}`)]),
    catchError(() => of([line('ok', 'reachable, version unknown')]))
  );
}

/** Compatible engines may not have these questions: then nothing is known. */
function age(client: PrometheusClient, now: number): Observable<HealthLine[]> {
  const known = <T>(answer: Observable<T>) => answer.pipe(catchError(() => of(undefined)));
  return forkJoin([known(client.oldestSample()), known(client.retention())]).pipe(
    map(([oldest, retentionMs]) => [
      oldest === undefined
        ? line('ok', 'the time of the oldest sample is unknown')
        : line(
            'ok',
            `oldest sample from ${isoTime(oldest)} (${amountOf(Math.round((now - oldest) / dayMs), 'day')} ago)`
          ),
      ...(retentionMs !== undefined && !keepsHalfAYear(retentionMs)
        ? [
            line(
              'warning',
              `samples are kept for ${amountOf(Math.round(retentionMs / dayMs), 'day')}; reports over six months need ${prometheusRetention}`
            ),
          ]
        : []),
    ])
  );
}
