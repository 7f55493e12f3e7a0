import { createHash } from 'node:crypto';

import type { Random } from './random';

/**
 * What a pod is there for: `job`: one asynchronous request; `knative`: synchronous requests, scaled from zero and back;
 * `exposed` and `kserve`: run all the time behind the ingress; `puller`: fetches a service's image on a node.
 */
export const podKinds = ['job', 'knative', 'exposed', 'kserve', 'puller'] as const;
export type PodKind = (typeof podKinds)[number];

/** What a pod of some kind is called, and what Kubernetes knows about it. */
export interface PodIdentity {
  name: string;
  /** Labels in `kube_pod_labels` of a kube-state-metrics whose allow-list is that of the documentation. */
  labels: Readonly<Record<string, string>>;
  /** Names of the containers, the one that does the work first. */
  containers: readonly string[];
}

/** Kubernetes cuts the base of a generated name at this length, and appends five characters. */
const generatedBaseLength = 58;
const maxNameLength = 63;

/** The virtual organisation of every service, as OSCAR writes it into a label. */
const vo = 'vo.example.eu';

/** Whether a service of that name can be of every kind: labels and names of some kinds have a prefix or suffix. */
export function fitsEveryKind(service: string): boolean {
  return `oscar-svc-exp-${service}`.length <= maxNameLength && `${service}-kserve-workload-svc`.length <= maxNameLength;
}

/**
 * A pod of OSCAR, Knative, KServe or a DaemonSet, named and labelled as they do it (OSCAR's `pkg/backends` and
 * `pkg/imagepuller`, Knative's `kmeta.ChildName`, Kubernetes' name generator). `large` is a KServe service for language
 * models, whose workload has another name and fewer labels.
 */
export function podIdentity(kind: PodKind, service: string, random: Random, large = false): PodIdentity {
  switch (kind) {
    case 'job':
      return {
        name: generated(`${service}-${random.uuid()}`, random),
        labels: { label_oscar_service: service, label_vo: vo },
        containers: ['oscar-container'],
      };
    case 'knative': {
      const revision = `${service}-0000${random.integer(1, 3)}`;
      return {
        name: generated(`${knativeChild(revision, '-deployment')}-${templateHash(random)}`, random),
        labels: { label_app: revision, label_serving_knative_dev_service: service, label_vo: vo },
        containers: ['user-container', 'queue-proxy'],
      };
    }
    case 'exposed':
      return {
        name: generated(`${service}-dlp-${templateHash(random)}`, random),
        labels: { label_app: `oscar-svc-exp-${service}`, label_oscar_grycap_user_service: service },
        containers: [`oscar-svc-exp-${service}`],
      };
    case 'kserve': {
      const own = { label_oscar_app: `oscar-svc-ksv-${service}`, label_oscar_grycap_user_service: service };
      const predictor = { label_app: `isvc.${service}-predictor`, label_serving_kserve_io_inferenceservice: service };
      return {
        name: generated(`${service}-${large ? 'kserve' : 'predictor'}-${templateHash(random)}`, random),
        labels: large ? own : { ...own, ...predictor },
        containers: [large ? 'main' : 'kserve-container'],
      };
    }
    case 'puller':
      // Its label `oscar-resource` is not in the allow-list: kube-state-metrics knows the pod and says nothing about it.
      return { name: generated(`image-puller-${service}`, random), labels: {}, containers: ['image-puller'] };
  }
}

/** The name of something that Knative makes for something else: hashed where it would be too long. */
export function knativeChild(parent: string, suffix: string): string {
  if (parent.length + suffix.length <= maxNameLength) {
    return parent + suffix;
  }
  const hash = createHash('md5').update(parent).digest('hex');
  return parent.slice(0, maxNameLength - hash.length - suffix.length) + hash + suffix;
}

function generated(base: string, random: Random): string {
  return `${base}-`.slice(0, generatedBaseLength) + safeText(5, random);
}

/** Kubernetes leaves out vowels and look-alikes, so that no words come up. */
const safeCharacters = 'bcdfghjklmnpqrstvwxz2456789';

function safeText(length: number, random: Random): string {
  return Array.from({ length }, () => safeCharacters.charAt(random.integer(0, safeCharacters.length - 1))).join('');
}

/** The hash of a pod template: a number of 32 bits whose decimal digits are mapped to ten of the safe characters. */
function templateHash(random: Random): string {
  const digits = String(random.integer(0, 0x7fff_ffff));
  return [...digits].map((digit) => safeCharacters.charAt(digit.charCodeAt(0) % safeCharacters.length)).join('');
}
