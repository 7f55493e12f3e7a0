import { gpuHoursAt } from './gpuHours';

const at = 1000;
const series = (
  oscar_part: string,
  oscar_pod: string | undefined,
  more: Record<string, string> = {},
  value = 1,
  time = at
) => ({
  labels: { oscar_part, ...(oscar_pod !== undefined && { oscar_pod }), ...more },
  samples: [[time, value] as [number, number]],
});
const read = (...all: Array<ReturnType<typeof series>>) => gpuHoursAt(all, at, 'oscar-svc');

it('gives pods to services by their labels, else by their names', () => {
  const { hours } = read(
    series('hours', 'oscar-svc-u1/x', {}, 2),
    series('hours', 'oscar-svc/b-6b9ddddbd7-cm6c9', {}, 3),
    series('hours', 'oscar-svc/odd', {}, 4),
    series('labels', 'oscar-svc-u1/x', { label_app: 'oscar-svc-exp-a' }),
    series('labels', 'oscar-svc/odd', { label_app: 'something' })
  );
  expect(Object.fromEntries(hours)).toEqual({ a: 2, b: 3, '(unattributed)': 4 });
});

it('takes what two exporters know of a pod together, the most trusted label first', () => {
  const hours = series('hours', 'oscar-svc/x');
  const knative = series('labels', 'oscar-svc/x', { label_serving_knative_dev_service: 'a-predictor' });
  const kserve = series('labels', 'oscar-svc/x', { label_oscar_app: 'oscar-svc-ksv-a' });
  expect([...read(hours, knative, kserve).hours.keys()]).toEqual(['a']);
  expect([...read(hours, kserve, knative).hours.keys()]).toEqual(['a']);
});

it('takes the same one of two services, in whatever order exporters tell them', () => {
  const hours = series('hours', 'oscar-svc/x');
  const told = ['b', 'a', 'NOT VALID'].map((name) => series('labels', 'oscar-svc/x', { label_oscar_service: name }));
  expect([...read(hours, ...told).hours.keys()]).toEqual(['a']);
  expect([...read(...told.reverse(), hours).hours.keys()]).toEqual(['a']);
});

it('leaves pods of other namespaces out, unless they are exporters', () => {
  const foreign = series('hours', 'jupyter/alice');
  expect(read(foreign)).toEqual({ hours: new Map() });
  expect(read(foreign, series('targets', 'jupyter/alice'))).toEqual({
    hours: new Map([['(unattributed)', 1]]),
    strayHours: 1,
  });
});

it('takes no pod of a service for an exporter', () => {
  const { hours, strayHours } = read(series('hours', 'oscar-svc/odd'), series('targets', 'oscar-svc/odd'));
  expect(hours.get('(unattributed)')).toBe(1);
  expect(strayHours).toBeUndefined();
});

it('counts whole GPUs, and keeps shares apart', () => {
  const { hours, shares } = read(
    ...['nvidia_com_gpu', 'amd_com_gpu', 'gpu_intel_com_xe', 'nvidia_com_gpu_shared', 'nvidia_com_mig_1g_5gb'].map(
      (resource) => series('hours', 'oscar-svc/a-6b9ddddbd7-cm6c9', { resource })
    )
  );
  expect(Object.fromEntries(hours)).toEqual({ a: 3 });
  expect(shares).toEqual(
    new Map([
      ['nvidia_com_gpu_shared', 1],
      ['nvidia_com_mig_1g_5gb', 1],
    ])
  );
});

it('looks at one window only, and at numbers only', () => {
  const pod = 'oscar-svc/a-6b9ddddbd7-cm6c9';
  expect(read(series('hours', pod, {}, 1, at + 1), series('hours', pod, {}, NaN), series('hours', '', {}, -1))).toEqual(
    {
      hours: new Map(),
    }
  );
});

it('knows of no stray hours where GPUs were idle', () => {
  expect(read(series('hours', undefined, {}, 0))).toEqual({ hours: new Map() });
});
