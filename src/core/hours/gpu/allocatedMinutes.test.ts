import { hourMs, minuteMs } from '../../domain/duration';
import { allocatedFrom } from './allocatedMinutes';

const windows = [0, 1].map((hour) => ({ start: hour * hourMs, end: (hour + 1) * hourMs }));
const series = (name: string, labels: Record<string, string>, from: number, to: number, value = 1) => ({
  labels: { __name__: name, namespace: 'oscar-svc', pod: 'a', ...labels },
  samples: Array.from({ length: to - from }, (_, index): [number, number] => [(from + index) * minuteMs, value]),
});
const requested = (from: number, to: number, container = 'c', value = 1, instance = 'x') =>
  series('kube_pod_container_resource_requests', { resource: 'nvidia_com_gpu', container, instance }, from, to, value);
const phase = (name: string, from: number, to: number, value = 1) =>
  series('kube_pod_status_phase', { phase: name }, from, to, value);
const hours = (...all: Array<ReturnType<typeof series>>) =>
  allocatedFrom(all, { windows, lookBackMs: minuteMs, servicesNamespace: 'oscar-svc' }).flatMap(({ samples }) =>
    samples.map(([at, value]) => [windows.findIndex(({ end }) => end - 1 === at), value])
  );

it('counts what the containers of a pod request, once whatever tells it', () => {
  expect(hours(requested(30, 90), requested(30, 60, 'd', 2), requested(30, 90, 'c', 1, 'y'))).toEqual([
    [0, 1.5],
    [1, 0.5],
  ]);
});

it.each([
  ['is over', [phase('Running', 0, 30), phase('Succeeded', 30, 60)], 0.5],
  ['waits for a node', [phase('Pending', 0, 60)], 0],
  [
    'is on a node, and waits for its image',
    [phase('Pending', 0, 60), series('kube_pod_status_scheduled', { condition: 'true' }, 0, 60)],
    1,
  ],
  [
    'has a container that ended, and runs',
    [series('kube_pod_completion_time', {}, 30, 60, 1e9), phase('Running', 0, 60)],
    1,
  ],
  ['has a container that ended, and is in no known phase', [series('kube_pod_completion_time', {}, 30, 60, 1e9)], 0.5],
  [
    'has a container that ended, and others that are scraped later on',
    [series('kube_pod_completion_time', {}, 30, 60, 1e9), series('container_cpu_usage_seconds_total', {}, 45, 46, 7)],
    // From 30 on it has ended; up to 44, a scrape within five minutes shows that it goes on: from 40.
    (30 + 5) / 60,
  ],
  ['has phases that are not its own', [phase('Running', 0, 60), phase('Failed', 0, 60, 0)], 1],
])('counts no minute in which a pod holds nothing: it %s', (_, states, expected) => {
  expect(hours(requested(0, 60), ...states)).toEqual(expected > 0 ? [[0, expected]] : []);
});
