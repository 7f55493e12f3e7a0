import { hourMs, minuteMs } from '../../domain/duration';
import { busyFrom } from './busyMinutes';

const windows = [0, 1].map((hour) => ({ start: hour * hourMs, end: (hour + 1) * hourMs }));
const pod = (name: string) => ({ namespace: 'oscar-svc', pod: name });
const gpu = { UUID: 'GPU-1', Hostname: 'n1', gpu: '0' };
const series = (labels: Record<string, string>, from: number, to: number, value = 100) => ({
  labels,
  samples: Array.from({ length: to - from }, (_, index): [number, number] => [(from + index) * minuteMs, value]),
});
const hours = (...all: Array<ReturnType<typeof series>>) =>
  busyFrom(all, { windows, lookBackMs: minuteMs, servicesNamespace: 'oscar-svc' }).map(({ labels, samples }) => ({
    pod: labels['oscar_pod'] ?? '',
    users: labels['oscar_users'],
    told: labels['oscar_told'],
    hours: samples.map(([at, value]) => [windows.findIndex(({ end }) => end - 1 === at), value]),
  }));

it('counts a GPU by the minute and window, and those who share one', () => {
  expect(hours(series({ ...gpu, ...pod('a') }, 30, 90), series({ ...gpu, ...pod('b') }, 60, 90, 50))).toEqual([
    { pod: 'oscar-svc/a', users: '1', told: '/', hours: [[0, 0.5]] },
    { pod: 'oscar-svc/a', users: '2', told: '/', hours: [[1, 0.5]] },
    { pod: 'oscar-svc/b', users: '2', told: '/', hours: [[1, 0.25]] },
  ]);
});

it('leaves out what an exporter without pods reports of a GPU that has one', () => {
  expect(hours(series(gpu, 0, 60), series({ ...gpu, ...pod('a') }, 30, 60))).toEqual([
    { pod: '', users: '1', told: '/', hours: [[0, 0.5]] },
    { pod: 'oscar-svc/a', users: '1', told: '/', hours: [[0, 0.5]] },
  ]);
});

it('tells GPUs without a UUID by their host, and its exporter from a user', () => {
  const other = { Hostname: 'n1', gpu: '0' };
  const exporter = { namespace: 'monitoring', pod: 'dcgm-x', container: 'exporter' };
  expect(hours(series({ ...other, ...exporter }, 0, 60))).toEqual([
    { pod: '', users: '1', told: 'n1', hours: [[0, 1]] },
  ]);
  const exported = { exported_namespace: 'oscar-svc', exported_pod: 'a' };
  expect(hours(series({ ...other, ...exporter, ...exported }, 0, 60))).toEqual([
    { pod: 'oscar-svc/a', users: '1', told: 'n1', hours: [[0, 1]] },
  ]);
});
