import { type KnownPod } from './promqlPods';
import { podsWithout } from './promqlPodStates';

const requests = { metric: 'asked', matchers: 'resource="gpu"' };
const pod = (name: string, by: 'pod' | 'exported_pod' = 'pod'): KnownPod => ({
  namespace: 'oscar-svc',
  name,
  ofService: true,
  shape: { namespace: by === 'pod' ? 'namespace' : 'exported_namespace', pod: by },
});
/** The selectors of a query that look at a metric. */
const selectorsOf = (query: string, metric: string) =>
  query.match(/[\w:]*\{[^{}]*(?:\{\{\w+\}\}[^{}]*)*\}/g)?.filter((selector) => selector.includes(metric)) ?? [];

it('looks at the states of some pods, and at others only where other labels tell of them', () => {
  const states = selectorsOf(podsWithout(requests, [pod('a'), pod('b')]), 'kube_pod_status_phase');
  expect(states).toHaveLength(4);
  expect(states.filter((selector) => selector.includes('pod=~"a|b"'))).toHaveLength(1);
  expect(states.filter((selector) => /exported_pod!=""|exported_namespace=~/.test(selector))).toHaveLength(3);
});

it('looks for containers of some pods by the labels that cAdvisor has, whatever kube-state-metrics has', () => {
  const [selector, ...more] = selectorsOf(podsWithout(requests, [pod('a', 'exported_pod')]), 'container_cpu_usage');
  expect(selector).toContain(',pod=~"a",exported_pod=""');
  expect(more).toEqual([]);
});

it('looks at no container where all pods are meant', () => {
  expect(selectorsOf(podsWithout(requests), 'container_cpu_usage')).toEqual([]);
});

it('decides by what weighs most, whatever else is known', () => {
  const votes = [...podsWithout(requests).matchAll(/vector\((-?\d+)\)(?:, "(\w+)", "([^"]*)")?/g)];
  const weightOf = (label: string | undefined, value?: string) =>
    Number(votes.find((vote) => vote[2] === label && vote[3] === value)?.[1]);
  const ranks = [
    [weightOf('phase', 'Succeeded'), weightOf('phase', 'Failed'), weightOf('condition', 'false')],
    [weightOf('phase', 'Running'), weightOf('phase', 'Unknown'), weightOf('phase', '(counted)')],
    [weightOf(undefined)],
    [weightOf('condition', 'true'), weightOf('phase', '(node)')],
    [weightOf('phase', 'Pending')],
  ];
  expect(ranks.flat()).toHaveLength(votes.length);
  ranks.forEach((rank, index) => {
    const below = ranks.slice(index + 1).flat();
    const most = below.reduce((sum, vote) => sum + Math.abs(vote), 0);
    expect(rank.every((vote) => Math.abs(vote) > most && Math.sign(vote) === Math.sign(rank[0] ?? 0))).toBe(true);
  });
});
