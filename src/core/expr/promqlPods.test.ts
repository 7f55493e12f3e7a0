import { ofServicePods, podOfLabels, shapeOfLabels } from './promqlPods';

const read = (selector: string) => selector;
const pod = (name: string, labels: Record<string, string> = {}) => ({
  ...podOfLabels({ oscar_pod: `oscar-svc/${name}` }, 'oscar-svc'),
  shape: shapeOfLabels(labels),
});

it('selects pods by the target labels and by exported ones, no series twice', () => {
  const selectors = ofServicePods('x', 'a="b"', read).match(/x\{[^}]*\}+[^}]*\}/g) ?? [];
  expect(selectors).toEqual([
    'x{namespace=~"{{services_namespace}}.*",exported_namespace="",pod!="",exported_pod="",a="b"}',
    'x{exported_namespace=~"{{services_namespace}}.*",exported_pod!="",a="b"}',
    'x{exported_namespace=~"{{services_namespace}}.*",pod!="",exported_pod="",a="b"}',
    'x{namespace=~"{{services_namespace}}.*",exported_namespace="",exported_pod!="",a="b"}',
  ]);
});

it('selects known pods by the labels that identify them', () => {
  expect(ofServicePods('x', '', read, { pods: [pod('a'), pod('b'), pod('a')] })).toBe(
    'label_join(x{namespace=~"{{services_namespace}}.*",exported_namespace="",pod=~"a|b",exported_pod=""}, ' +
      '"oscar_pod", "/", "namespace", "pod")'
  );
  const exported = { exported_namespace: 'oscar-svc', exported_pod: 'a' };
  expect(ofServicePods('x', '', read, { pods: [pod('a', exported)] })).toBe(
    'label_join(x{exported_namespace=~"{{services_namespace}}.*",exported_pod=~"a"}, ' +
      '"oscar_pod", "/", "exported_namespace", "exported_pod")'
  );
});

it('selects pods in all ways when it is not known which labels identify them', () => {
  const { shape: _, ...unknown } = pod('a.b');
  expect(ofServicePods('x', '', read, { pods: [unknown] }).split(' or ')).toHaveLength(4);
  expect(ofServicePods('x', '', read, { pods: [unknown] })).toContain(String.raw`pod=~"a\\.b"`);
});

it.each([
  ['oscar-svc-u1/a', { namespace: 'oscar-svc-u1', name: 'a', ofService: true }],
  ['jupyter/a', { namespace: 'jupyter', name: 'a', ofService: false }],
  ['', { namespace: '', name: '', ofService: false }],
])('reads the pod %s', (oscar_pod, expected) => {
  expect(podOfLabels({ oscar_pod }, 'oscar-svc')).toEqual(expected);
});
