import { escapeInString } from './promql';
import { escapeRegex } from './regex';

/** Label with a pod as `<namespace>/<pod>`, by whatever labels it is identified; absent where no pod is known. */
export const podLabel = 'oscar_pod';

/**
 * Labels that Prometheus gives what a target says about a pod when the target has labels of these names itself
 * (`honor_labels: false`), each by itself: `namespace` and `pod` are those of the target then.
 */
export const exportedPods = ['exported_namespace', 'exported_pod'] as const;

/** Labels that identify a pod. */
interface Shape {
  namespace: 'namespace' | 'exported_namespace';
  pod: 'pod' | 'exported_pod';
}

/** The labels that identify a pod unless those of a target took their place. */
export const plainShape: Shape = { namespace: 'namespace', pod: 'pod' };

const shapes: readonly Shape[] = [
  plainShape,
  { namespace: 'exported_namespace', pod: 'exported_pod' },
  { namespace: 'exported_namespace', pod: 'pod' },
  { namespace: 'namespace', pod: 'exported_pod' },
];

/** A pod that was found; namespace and name are empty where series name none. */
export interface KnownPod {
  namespace: string;
  name: string;
  /** True when it lies in a namespace of services. */
  ofService: boolean;
  /** The labels that identify it, which are the same for all metrics of its exporter; undefined where they may differ. */
  shape?: Shape;
}

/** The pod that a series of a vector with `podLabel` is about. */
export function podOfLabels(labels: Readonly<Record<string, string>>, servicesNamespace: string): KnownPod {
  const [namespace = '', name = ''] = (labels[podLabel] ?? '').split('/');
  return { namespace, name, ofService: name !== '' && namespace.startsWith(servicesNamespace) };
}

/** The labels that identify the pod of a series of a vector with `exportedPods`. */
export function shapeOfLabels(labels: Readonly<Record<string, string>>): Shape {
  return {
    namespace: labels['exported_namespace'] ? 'exported_namespace' : 'namespace',
    pod: labels['exported_pod'] ? 'exported_pod' : 'pod',
  };
}

/** Whether a pod is identified by the labels `namespace` and `pod`, as far as that is known. */
export function hasPlainLabels({ shape }: KnownPod): boolean {
  return shape === undefined || (shape.namespace === 'namespace' && shape.pod === 'pod');
}

/** Which pods series are wanted of. */
export interface WantedPods {
  /** All, when undefined. */
  pods?: readonly KnownPod[] | undefined;
  /**
   * True to have series under other labels than those that identify the pods as well, of whatever pod. There are some where another exporter
   * exports the pods than the one by which they were found, and hardly otherwise.
   */
  elsewhere?: boolean;
}

/**
 * The series of a metric about pods in namespaces of services, with `podLabel`, whether or not Prometheus honours the
 * labels of the target; `read` makes an instant vector of a selector.
 *
 * @param metric empty where the matchers name metrics
 */
export function ofServicePods(
  metric: string,
  matchers: string,
  read: (selector: string) => string,
  { pods, elsewhere = false }: WantedPods = {}
): string {
  const parts = shapes.flatMap((shape) => {
    const names = pods && [...new Set(pods.filter((pod) => mayHave(pod, shape)).map(({ name }) => name))];
    if (names?.length === 0 && !elsewhere) {
      return [];
    }
    const some = names?.length === 0 ? undefined : names;
    const all = [matcherOfNamespace(shape), matcherOfPods(shape, some), ...(matchers ? [matchers] : [])].join(',');
    return [`label_join(${read(`${metric}{${all}}`)}, "${podLabel}", "/", "${shape.namespace}", "${shape.pod}")`];
  });
  return parts.join(' or ');
}

function mayHave({ shape }: KnownPod, { namespace, pod }: Shape): boolean {
  return shape === undefined || (shape.namespace === namespace && shape.pod === pod);
}

function matcherOfNamespace({ namespace }: Shape): string {
  const ours = `${namespace}=~"{{services_namespace}}.*"`;
  return namespace === 'namespace' ? `${ours},exported_namespace=""` : ours;
}

function matcherOfPods({ pod }: Shape, names?: readonly string[]): string {
  const matcher = names ? `${pod}=~"${alternatives(names)}"` : `${pod}!=""`;
  return pod === 'pod' ? `${matcher},exported_pod=""` : matcher;
}

/** A regular expression of these texts, inside a string. */
export function alternatives(texts: readonly string[]): string {
  return escapeInString(texts.map(escapeRegex).join('|'));
}

/** Labels that are joined into one, which gives another one a value by rules on the whole of it. */
interface Decision {
  from: readonly string[];
  by: string;
  to: string;
  /** The last that fits holds. `{{services_namespace}}` may be in a pattern. */
  rules: ReadonlyArray<readonly [pattern: string, value: string]>;
}

function decide(expr: string, { from, by, to, rules }: Decision): string {
  const joined = `label_join(${expr}, "oscar_joined", "${by}", ${from.map((label) => `"${label}"`).join(', ')})`;
  return rules.reduce(
    (inner, [pattern, value]) => `label_replace(${inner}, "${to}", "${value}", "oscar_joined", "${pattern}")`,
    joined
  );
}

/** What a decision makes of the labels of one series, as the engine does; empty where no rule fits. */
function decided({ from, by, rules }: Decision, servicesNamespace: string): (labels: Labels) => string {
  const known = rules.map(([pattern, value]) => {
    const filled = pattern.replace('{{services_namespace}}', escapeRegex(servicesNamespace));
    return { pattern: new RegExp(`^(?:${filled})$`, 's'), value };
  });
  return (labels) => {
    const joined = from.map((label) => labels[label] ?? '').join(by);
    const last = known.filter(({ pattern }) => pattern.test(joined)).pop();
    return last ? joined.replace(last.pattern, last.value) : '';
  };
}

type Labels = Readonly<Record<string, string>>;

const any = '[^/]*';
const some = '[^/]+';

/** What the pods and containers of exporters of GPUs are named like. */
const exporterLike = { pod: 'dcgm', container: 'exporter' } as const;

const user: Decision = {
  from: ['namespace', 'pod', 'container', ...exportedPods],
  by: '/',
  to: podLabel,
  rules: [
    [`(${some}/${some})/${any}//`, '$1'],
    [`${any}/(?:${any}${exporterLike.pod}${any}/${any}|${any}/${any}${exporterLike.container}${any})//`, ''],
    [`({{services_namespace}}${any}/${some})/${any}//`, '$1'],
    [`${any}/(${some})/${any}/(${some})/`, '$2/$1'],
    [`(${some})/${any}/${any}//(${some})`, '$1/$2'],
    [`${any}/${any}/${any}/(${some}/${some})`, '$1'],
  ],
};

/**
 * Gives series of GPUs the pod that used them as `podLabel`, also in other namespaces; none where only the exporter's own
 * labels are there, as far as names show. Pods of services are never taken for exporters.
 */
export function gpuUser(expr: string): string {
  return decide(expr, user);
}

/** The same pod of one series; empty for none. */
export function gpuUserOf(servicesNamespace: string): (labels: Labels) => string {
  return decided(user, servicesNamespace);
}

/** Of a label's value, for the rules of a GPU. */
const part = '[^;]*';
const known = '[^;]+';

const index = `(?:(${known});${part}|;(?:nvidia)?(${part}))`;

/** Label that identifies a GPU. */
export const gpuLabel = 'oscar_gpu';

const identity: Decision = {
  from: ['UUID', 'Hostname', 'instance', 'gpu', 'device'],
  by: ';',
  to: gpuLabel,
  rules: [
    [`;;(${part});${index}`, '/$1;$2$3'],
    [`;(${known});${part};${index}`, '/$1;$2$3'],
    [`(${known});${part};${part};${part};${part}`, '$1'],
  ],
};

/**
 * Gives series of GPUs `oscar_gpu`, the same for all series about one GPU or slices of it: its UUID, else `/`, the
 * host and the index there. An exporter that does not name its host is taken for one of a host of its own.
 */
export function gpuIdentity(expr: string): string {
  return decide(expr, identity);
}

/** The same of one series; empty for none. */
export const gpuIdentityOf = decided(identity, '');
