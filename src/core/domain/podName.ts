import { isServiceName } from './serviceName';

/**
 * How the pods of a service are named (reference: OSCAR's back ends, Knative, KServe and the Kubernetes controllers); the
 * service is the first group. A form that could be part of a service's name stands behind those that are more specific.
 * Kubernetes cuts long names before it appends the pod's own five characters, then without a hyphen.
 */
const podForms: readonly RegExp[] = [
  // Job of an asynchronous request: <service>-<uuid>-<pod>
  /^(.+?)-[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}-?[a-z0-9]{5}$/,
  // Knative revision: <service>-00001-deployment-<replica set>-<pod>; KServe adds its own suffix to the service
  /^(.+?)(?:-predictor|-kserve)?-[0-9]{5}-deployment(?:-[a-z0-9]*)?-?[a-z0-9]{5}$/,
  // Exposed service: <service>-dlp-<replica set>-<pod>; both spellings occur
  /^(.+)-(?:dlp|dpl)-[a-z0-9]+-[a-z0-9]+$/,
  // Job whose uuid was cut. One that was cut within its first part says too little
  /^(.+?)-[0-9a-f]{8}-[0-9a-f]{1,4}(?:-[0-9a-f]{0,4}(?:-[0-9a-f]{0,4}(?:-[0-9a-f]{0,12})?)?)?-?[a-z0-9]{5}$/,
  // KServe: <service>-predictor-<replica set>-<pod>, <service>-kserve-<replica set>-<pod>
  /^(.+)-(?:predictor|kserve)-[a-z0-9]{6,10}-[a-z0-9]{5}$/,
  // Deployment: <service>-<replica set>-<pod>
  /^(.+)-[a-f0-9]{6,10}-[a-z0-9]{5}$/,
];

/** Names longer than Kubernetes allows are replaced by a hash of them (Knative), which only a label can lead back. */
const hashedRevision = /-deployment-[a-z0-9]+-[a-z0-9]{5}$/;

/**
 * A pod of the DaemonSet by which OSCAR has a service's image pulled on all nodes: `image-puller-<service>-<pod>`, or 63
 * characters where Kubernetes cut the name.
 */
const imagePuller = /^image-puller-(?:.+-[a-z0-9]{5}|.{45}[a-z0-9]{5})$/;

function formOf(pod: string): RegExp | undefined {
  const index = podForms.findIndex((one) => one.test(pod));
  const isGeneral = index >= generalForms;
  return isGeneral && (hashedRevision.test(pod) || imagePuller.test(pod)) ? undefined : podForms[index];
}

/** From this form on, any word may stand before what identifies the form. */
const generalForms = 4;

/** The service that a pod belongs to, by its name; undefined when the name says nothing. */
export function serviceOfPod(pod: string): string | undefined {
  const service = formOf(pod)?.exec(pod)?.[1];
  return service !== undefined && isServiceName(service) ? service : undefined;
}

/** True for the pod of an image puller by its name. It is of no service, though the name holds one. */
export function isImagePuller(pod: string): boolean {
  return imagePuller.test(pod) && !podForms.slice(0, generalForms).some((form) => form.test(pod));
}

/** What is left of a pod's name in the label `service` of OSCAR's own Prometheus configuration, beside the service. */
const labelSuffix =
  /(?:-predictor(?:-.*)?|-kserve(?:-.*)?|-dlp|-dpl|-[0-9a-f]{8}(?:-[0-9a-f]{1,4}){0,3}(?:-[0-9a-f]{1,12})?)$/;

/** The service that OSCAR's label `service` means; undefined when it is no service's name. */
export function serviceOfLabel(label: string): string | undefined {
  const service = label.replace(labelSuffix, '');
  return isServiceName(service) ? service : undefined;
}
