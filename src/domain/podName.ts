import { isServiceName } from './serviceName';

/**
 * How the pods of a service are named (reference: OSCAR's back ends, Knative, KServe and the Kubernetes controllers),
 * most specific first. The service is the first group.
 */
const podForms: readonly RegExp[] = [
  // Knative revision: <service>-00001-deployment-<replica set>-<pod>
  /^(.+)-\d{5}-deployment-[a-z0-9]+-[a-z0-9]+$/,
  // KServe: <service>-predictor-… and <service>-kserve-…
  /^(.+?)-(?:predictor|kserve)-.+$/,
  // Exposed service: <service>-dlp-<replica set>-<pod>; both spellings occur
  /^(.+)-(?:dlp|dpl)-[a-z0-9]+-[a-z0-9]+$/,
  // Job of an asynchronous request: <service>-<uuid>-<pod>; long names cut the uuid, at the earliest after its first part
  /^(.+?)-[0-9a-f]{8}-[0-9a-f]{4}(?:-[0-9a-f]{0,4}(?:-[0-9a-f]{0,4}(?:-[0-9a-f]{0,12})?)?)?-[a-z0-9]{5}$/,
  // Deployment: <service>-<replica set>-<pod>
  /^(.+)-[a-f0-9]{6,10}-[a-z0-9]{5}$/,
];

/** The service that a pod belongs to, by its name; undefined when the name says nothing. */
export function serviceOfPod(pod: string): string | undefined {
  for (const form of podForms) {
    const service = form.exec(pod)?.[1];
    if (service && isServiceName(service)) {
      return service;
    }
  }
  return undefined;
}
