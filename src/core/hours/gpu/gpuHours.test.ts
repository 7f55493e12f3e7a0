import fc from 'fast-check';

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
  const { hours: given, gpu } = read(...told.reverse(), hours);
  expect([...given.keys()]).toEqual(['a']);
  expect(gpu?.doubted).toEqual(new Map([['contradictory', new Map([['a', 1]])]]));
});

it('leaves pods of other namespaces out, unless they are exporters', () => {
  const foreign = series('hours', 'jupyter/alice');
  expect(read(foreign).hours).toEqual(new Map());
  const { hours, gpu } = read(foreign, series('targets', 'jupyter/alice'));
  expect(hours).toEqual(new Map([['(unattributed)', 1]]));
  expect(gpu?.strayHours).toBe(1);
});

it('takes no pod of a service for an exporter', () => {
  const { hours, gpu } = read(series('hours', 'oscar-svc/odd'), series('targets', 'oscar-svc/odd'));
  expect(hours.get('(unattributed)')).toBe(1);
  expect(gpu?.strayHours).toBe(0);
});

it('counts whole GPUs, and keeps shares apart', () => {
  const { hours, gpu } = read(
    ...['nvidia_com_gpu', 'amd_com_gpu', 'gpu_intel_com_xe', 'nvidia_com_gpu_shared', 'nvidia_com_mig_1g_5gb'].map(
      (resource) => series('hours', 'oscar-svc/a-6b9ddddbd7-cm6c9', { resource })
    )
  );
  expect(Object.fromEntries(hours)).toEqual({ a: 3 });
  expect(gpu?.shares).toEqual(
    new Map([
      ['nvidia_com_gpu_shared', 1],
      ['nvidia_com_mig_1g_5gb', 1],
    ])
  );
});

it('looks at one window only, and at numbers only', () => {
  const pod = 'oscar-svc/a-6b9ddddbd7-cm6c9';
  const { hours } = read(
    series('hours', pod, {}, 1, at + 1),
    series('hours', pod, {}, NaN),
    series('hours', '', {}, -1)
  );
  expect(hours).toEqual(new Map());
});

it('knows of no stray hours where GPUs were idle', () => {
  const { hours, gpu } = read(series('hours', undefined, {}, 0));
  expect(hours).toEqual(new Map());
  expect(gpu?.strayHours).toBe(0);
});

it('says of which hours labels do not tell the service, and why', () => {
  const { gpu } = read(
    series('hours', 'oscar-svc/a-6b9ddddbd7-cm6c9', {}, 2),
    series('hours', 'oscar-svc/b-6b9ddddbd7-cm6c9', {}, 3),
    series('labels', 'oscar-svc/b-6b9ddddbd7-cm6c9', { label_app: 'x' }),
    series('hours', 'oscar-svc/c-6b9ddddbd7-cm6c9', {}, 4),
    series('labels', 'oscar-svc/c-6b9ddddbd7-cm6c9', { label_oscar_service: 'c' }),
    series('hours', 'oscar-svc/image-puller-d-abcde', {}, 5),
    series('hours', 'oscar-svc/e-6b9ddddbd7-cm6c9', {}, 0)
  );
  expect(gpu?.doubted).toEqual(
    new Map([
      ['unknown', new Map([['a', 2]])],
      ['unlabelled', new Map([['b', 3]])],
    ])
  );
});

it('divides the hours of a GPU among those who use it', () => {
  const pods = ['oscar-svc/a-6b9ddddbd7-cm6c9', 'oscar-svc/b-6b9ddddbd7-cm6c9'];
  const { hours, gpu } = read(
    ...pods.map((pod) => series('hours', pod, { oscar_users: '2', oscar_told: '/' }, 3)),
    series('hours', pods[0], { oscar_users: '1', oscar_told: '/' }, 1)
  );
  expect(Object.fromEntries(hours)).toEqual({ a: 2.5, b: 1.5 });
  expect(gpu).toMatchObject({ sharedHours: 3, slicedHours: 0, twinHours: 0 });
});

it('tells hours of slices, and those of GPUs that are told in several ways', () => {
  const pod = 'oscar-svc/a-6b9ddddbd7-cm6c9';
  const slices = ['1', '2'].map((slice) =>
    series('hours', pod, { oscar_users: '2', GPU_I_ID: slice, oscar_told: '/' }, 4)
  );
  expect(read(...slices).gpu).toMatchObject({ sharedHours: 0, slicedHours: 4, twinHours: 0 });
  const twins = ['/', 'n1'].map((oscar_told) => series('hours', pod, { oscar_users: '1', oscar_told }, 2));
  expect(read(...twins).gpu).toMatchObject({ sharedHours: 0, twinHours: 2 });
});

it('counts pods with hours of which a container ended and no phase is known', () => {
  const pod = 'oscar-svc/a-6b9ddddbd7-cm6c9';
  const { gpu } = read(
    series('hours', pod, { resource: 'nvidia_com_gpu' }),
    series('hours', pod, { resource: 'amd_com_gpu' }),
    series('unphased', pod),
    series('unphased', 'oscar-svc/b-6b9ddddbd7-cm6c9')
  );
  expect(gpu).toMatchObject({ unphasedPods: 1, phases: false });
  expect(read(series('phases', undefined)).gpu?.phases).toBe(true);
});

it('gives the same hours whatever the order in which an engine lists series', () => {
  const one = fc.record({
    service: fc.constantFrom('a', 'b'),
    users: fc.constantFrom('1', '3', '7'),
    slice: fc.constantFrom(undefined, '1', '2'),
    told: fc.constantFrom('/', 'n1', 'n2'),
    hours: fc.double({ min: 0, max: 100, noNaN: true }),
  });
  const lists = fc.array(one, { minLength: 2, maxLength: 30 }).map((all) =>
    all.flatMap(({ service, users, slice, told, hours }, index) => {
      const pod = `oscar-svc/${service}-6b9ddddbd7-cm6c${index % 4}`;
      const busy = { oscar_users: users, oscar_told: told, ...(slice !== undefined && { GPU_I_ID: slice }) };
      return [
        series('hours', pod, busy, hours),
        series('hours', undefined, { oscar_users: users }, hours / 3),
        series('hours', pod, { resource: 'nvidia_com_mig_1g_5gb' }, hours / 7),
      ];
    })
  );
  const figures = (all: Array<ReturnType<typeof series>>) => {
    const { hours, gpu } = read(...all);
    const doubted = [...(gpu?.doubted.get('unknown') ?? [])].sort();
    return { hours: [...hours].sort(), gpu: { ...gpu, doubted, shares: [...(gpu?.shares ?? [])] } };
  };
  fc.assert(
    fc.property(
      lists.chain((list) => fc.tuple(fc.constant(list), fc.shuffledSubarray(list, { minLength: list.length }))),
      ([list, shuffled]) => {
        expect(figures(shuffled)).toEqual(figures(list));
      }
    )
  );
});
