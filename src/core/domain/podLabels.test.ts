import {
  agreedLabels,
  isOfNoService,
  labelsAllowlist,
  nameSeveralServices,
  serviceLabels,
  serviceOfPodLabels,
} from './podLabels';

it.each([
  [{ label_oscar_service: 'a', label_app: 'oscar-svc-exp-b' }, 'a'],
  [{ label_serving_knative_dev_service: 'a', label_app: 'a-00001' }, 'a'],
  [{ label_app: 'oscar-svc-exp-a' }, 'a'],
  [{ label_oscar_app: 'oscar-svc-ksv-a' }, 'a'],
  [{ label_serving_kserve_io_inferenceservice: 'a', label_serving_knative_dev_service: 'a-predictor' }, 'a'],
  [{ label_oscar_service: 'NO NAME', label_app: 'oscar-svc-exp-a' }, 'a'],
  [{ label_app: 'a' }, undefined],
  [{ label_oscar_app: 'a' }, undefined],
  [{ label_oscar_service: '' }, undefined],
  [{}, undefined],
])('%p leads to %p', (labels, service) => {
  expect(serviceOfPodLabels(labels)).toBe(service);
});

it.each([
  [[{ label_app: 'oscar-svc-exp-b' }, { label_oscar_service: 'a' }], 'a'],
  [[{ label_oscar_service: 'b' }, { label_oscar_service: 'a' }], 'a'],
  [[{ label_oscar_service: 'NO NAME' }, { label_oscar_service: 'b' }], 'b'],
  [[{ vo: 'x' }, {}], undefined],
  [[{ label_oscar_service: 'b' }], 'b'],
  [[], undefined],
])('what several tell, %j, leads to %p in any order', (known, service) => {
  expect(serviceOfPodLabels(agreedLabels(known))).toBe(service);
  expect(serviceOfPodLabels(agreedLabels([...known].reverse()))).toBe(service);
});

it.each([
  [[{ label_oscar_service: 'a' }, { label_oscar_service: 'b' }], true],
  [[{ label_oscar_service: 'a' }, { label_app: 'oscar-svc-exp-b' }], true],
  [[{ label_oscar_service: 'a' }, { label_app: 'a' }, {}], false],
  [[{ label_oscar_app: 'oscar-svc-ksv-a' }, { label_serving_knative_dev_service: 'a-predictor' }], false],
  [[{ label_serving_knative_dev_service: 'a-predictor' }, { label_oscar_service: 'b' }], true],
  [[{ label_oscar_service: 'a', label_app: 'oscar-svc-exp-b' }], false],
] as Array<[Array<Record<string, string>>, boolean]>)('%j name several services: %p', (known, expected) => {
  expect(nameSeveralServices(known)).toBe(expected);
});

it('knows an image puller', () => {
  expect(isOfNoService({ label_oscar_resource: 'daemonset' })).toBe(true);
  expect(isOfNoService({ label_oscar_service: 'a' })).toBe(false);
});

it('asks kube-state-metrics for each of the labels', () => {
  const [, names = ''] = /pods=\[([^\]]*)\]/.exec(labelsAllowlist) ?? [];
  const exported = names.split(',').map((name) => `label_${name.replace(/[^a-zA-Z0-9_]/g, '_')}`);
  expect(serviceLabels.filter(({ label }) => !exported.includes(label))).toEqual([]);
});
