import { isServiceName } from './serviceName';

/** A label of pods, as kube-state-metrics names it in `kube_pod_labels`, that leads to the service. */
export interface ServiceLabel {
  label: string;
  /** What stands before the service in the value; values without it say nothing. */
  prefix: string;
}

/**
 * The labels that OSCAR, Knative and KServe really set on the pods of services, the most trusted first
 * (OSCAR's `pkg/backends/{k8s,knative}.go`, `pkg/backends/resources/{expose,kserve}.go`). Pods of KServe on Knative bear a
 * label of Knative, too, which names `<service>-predictor`, so that KServe's come first. `app` leads to a service only with
 * OSCAR's prefix: Knative's pods have one as well.
 */
export const serviceLabels: readonly ServiceLabel[] = [
  { label: 'label_oscar_service', prefix: '' },
  { label: 'label_oscar_app', prefix: 'oscar-svc-ksv-' },
  { label: 'label_serving_kserve_io_inferenceservice', prefix: '' },
  { label: 'label_app', prefix: 'oscar-svc-exp-' },
  { label: 'label_serving_knative_dev_service', prefix: '' },
];

/** The service that the labels of a pod name; undefined where none of them does. */
export function serviceOfPodLabels(labels: Readonly<Record<string, string | undefined>>): string | undefined {
  for (const { label, prefix } of serviceLabels) {
    const value = labels[label] ?? '';
    if (value.startsWith(prefix) && isServiceName(value.slice(prefix.length))) {
      return value.slice(prefix.length);
    }
  }
  return undefined;
}

type Labels = Readonly<Record<string, string | undefined>>;

/**
 * One set of the labels that lead to a service, where several instances of kube-state-metrics tell of a pod, each some of its
 * labels. Of two values of a label, the lesser one, so that the order of the instances decides nothing.
 */
export function agreedLabels(known: readonly Labels[]): Labels {
  const [only = {}, ...rest] = known;
  if (rest.length === 0) {
    return only;
  }
  return Object.fromEntries(
    serviceLabels.map(({ label }) => {
      const values = known.flatMap((one) => one[label] ?? []);
      return [label, values.filter((value) => serviceOfPodLabels({ [label]: value })).sort()[0]];
    })
  );
}

/**
 * Whether several sets of labels of one pod name several services: instances of kube-state-metrics contradict each other, or another
 * pod took its name. Knative's `<service>-predictor` is the service of KServe.
 */
export function nameSeveralServices(known: readonly Labels[]): boolean {
  const services = new Set(known.flatMap((labels) => serviceOfPodLabels(labels) ?? []));
  const own = [...services].filter((service) => {
    const plain = service.replace(/-predictor$/, '');
    return plain === service || !services.has(plain);
  });
  return own.length > 1;
}

/** Tells what OSCAR made a pod for, where kube-state-metrics exports it. */
export const resourceLabel = 'label_oscar_resource';

/** True for pods that OSCAR runs beside the services: those of image pullers (`pkg/imagepuller/daemonset.go`). */
export function isOfNoService(labels: Readonly<Record<string, string | undefined>>): boolean {
  return labels[resourceLabel] === 'daemonset';
}

/**
 * What kube-state-metrics has to be started with, so that each pod leads to its service and each deployed service is listed.
 * `vo` and the owner's label lead nowhere yet; they are asked for, so that nobody has to change the list again.
 */
export const labelsAllowlist =
  '--metric-labels-allowlist=pods=[oscar_service,app,oscar-app,serving.knative.dev/service,' +
  'serving.kserve.io/inferenceservice,vo,oscar.grycap/user-service],configmaps=[oscar_service]';
