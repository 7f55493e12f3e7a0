import { isServiceName } from './serviceName';

/**
 * How the pods of a service are named (reference: OSCAR's back ends, Knative, KServe and the Kubernetes controllers),
 * most specific first; the service is the first group.
 */
const podForms: readonly RegExp[] = [
  // Knative revision: <service>-00001-deployment-<replica set>-<pod>; KServe adds its own suffix to the service
  /^(.+?)(?:-predictor|-kserve)?-[0-9]{5}-deployment-[a-z0-9]+-[a-z0-9]+$/,
  // Exposed service: <service>-dlp-<replica set>-<pod>; both spellings occur
  /^(.+)-(?:dlp|dpl)-[a-z0-9]+-[a-z0-9]+$/,
  // KServe: <service>-predictor-… and <service>-kserve-…
  /^(.+?)-(?:predictor|kserve)-.+$/,
  // Job of an asynchronous request: <service>-<uuid>-<pod>. Kubernetes cuts long names before it appends the pod's own
  // five characters, then without a hyphen; a uuid that was cut within its first part says too little
  /^(.+?)-[0-9a-f]{8}-[0-9a-f]{0,4}(?:-[0-9a-f]{0,4}(?:-[0-9a-f]{0,4}(?:-[0-9a-f]{0,12})?)?)?-?[a-z0-9]{5}$/,
  // Deployment: <service>-<replica set>-<pod>
  /^(.+)-[a-f0-9]{6,10}-[a-z0-9]{5}$/,
];

/** The service that a pod belongs to, by its name; undefined when the name says nothing. */
export function serviceOfPod(pod: string): string | undefined {
  const form = podForms.find((one) => one.test(pod));
  const service = form?.exec(pod)?.[1];
  return service !== undefined && isServiceName(service) ? service : undefined;
}

/** What is left of a pod's name in the label `service` of OSCAR's own Prometheus configuration, beside the service. */
const labelSuffix =
  /(?:-predictor(?:-.*)?|-kserve(?:-.*)?|-dlp|-dpl|-[0-9a-f]{8}(?:-[0-9a-f]{1,4}){0,3}(?:-[0-9a-f]{1,12})?)$/;

/** The service that OSCAR's label `service` means; undefined when it is no service's name. */
export function serviceOfLabel(label: string): string | undefined {
  const service = label.replace(labelSuffix, '');
  return isServiceName(service) ? service : undefined;
}
