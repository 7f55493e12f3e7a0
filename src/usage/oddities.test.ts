import { lastValueFrom, of } from 'rxjs';

import { PrometheusClient } from '../upstream/prometheus';
import { emptyWindow } from './cpuWindow';
import { correctOddities } from './oddities';

const hourMs = 3_600_000;
const start = Date.parse('2026-10-05T10:00:00Z');
const windows = [0, 1].map((hour) => ({ start: start + hour * hourMs, end: start + (hour + 1) * hourMs }));
const pod = { namespace: 'oscar-svc', pod: 'strange' };

/** A pod whose counter first appears with ten hours in one window, and whose service is known from another one on. */
function prometheus(appearsIn: number, knownIn: number): PrometheusClient {
  const series = (metric: Record<string, string>, window: number, value: number) => ({
    metric: { ...pod, ...metric },
    values: [[((windows[window]?.end ?? 0) - 1) / 1000, String(value)]],
  });
  return new PrometheusClient(
    ({ params }) => {
      const isLabels = params['query']?.includes('kube_pod_labels');
      const one = isLabels
        ? series({ label_oscar_service: 'a' }, knownIn, 1)
        : series({ oscar_part: 'history' }, appearsIn, 10 * 3600);
      return of({ status: 'success', data: { resultType: 'matrix', result: [one] } });
    },
    { uid: 'p', method: 'POST', customParameters: [] }
  );
}

it.each([
  { appearsIn: 0, knownIn: 1, service: '(unattributed)' },
  { appearsIn: 1, knownIn: 1, service: 'a' },
])('corrects the service that the hours of the window were given to: $service', async (scene) => {
  const shape = {
    servicesNamespace: 'oscar-svc',
    windowMs: hourMs,
    lookbackMs: hourMs,
    scrapeMs: 30_000,
  };
  const views = windows.map(emptyWindow);
  const run = { first: windows[0] ?? { start: 0, end: 0 }, lengthMs: hourMs, count: 2 };
  await lastValueFrom(correctOddities(prometheus(scene.appearsIn, scene.knownIn), shape, views, run, true));
  expect(views.map(({ hours }) => Object.fromEntries(hours))).toEqual(
    windows.map((_, index) => (index === scene.appearsIn ? { [scene.service]: -10 } : {}))
  );
  expect(views[scene.appearsIn]?.withHistory).toBe(1);
});
