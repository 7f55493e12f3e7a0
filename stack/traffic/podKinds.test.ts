import { fitsEveryKind, knativeChild, podIdentity, podKinds } from './podKinds';
import { createRandom } from './random';

const long = 'satellite-image-segmentation-of-burnt-areas-v2-large';

// The forms of real names; labels as OSCAR, Knative and KServe set them.
it.each([
  [
    'job',
    'my-kserve-demo',
    /^my-kserve-demo-[0-9a-f]{8}-[0-9a-f]{4}-4[-0-9a-f]{20,28}-?[a-z0-9]{5}$/,
    ['label_oscar_service', 'label_vo'],
  ],
  [
    'job',
    long,
    /^satellite-image-segmentation-of-burnt-areas-v2-large-[0-9a-f]{5}[a-z0-9]{5}$/,
    ['label_oscar_service', 'label_vo'],
  ],
  [
    'knative',
    'cowsay',
    /^cowsay-0000[123]-deployment-[4-9bcdf]+-[a-z0-9]{5}$/,
    ['label_app', 'label_serving_knative_dev_service', 'label_vo'],
  ],
  // Knative hashes what is too long; Kubernetes cuts what is left.
  [
    'knative',
    long,
    /^satellite-image-segm[0-9a-f]{32}-deplo[a-z0-9]{5}$/,
    ['label_app', 'label_serving_knative_dev_service', 'label_vo'],
  ],
  ['exposed', 'nginx', /^nginx-dlp-[4-9bcdf]+-[a-z0-9]{5}$/, ['label_app', 'label_oscar_grycap_user_service']],
  [
    'kserve',
    'model',
    /^model-predictor-[4-9bcdf]+-[a-z0-9]{5}$/,
    ['label_app', 'label_oscar_app', 'label_oscar_grycap_user_service', 'label_serving_kserve_io_inferenceservice'],
  ],
  ['puller', 'cowsay', /^image-puller-cowsay-[a-z0-9]{5}$/, []],
] as const)('names and labels a pod of kind %s of %s', (kind, service, name, labels) => {
  const random = createRandom(5);
  for (let count = 0; count < 20; count++) {
    const pod = podIdentity(kind, service, random);
    expect(pod.name).toMatch(name);
    expect(pod.name.length).toBeLessThanOrEqual(63);
    expect(Object.keys(pod.labels).sort()).toEqual(labels);
    expect(Object.values(pod.labels).every((value) => value.length <= 63)).toBe(true);
  }
});

it('gives only the pods of Knative a proxy', () => {
  const random = createRandom(5);
  const withProxy = podKinds.filter((kind) => podIdentity(kind, 'a', random).containers.includes('queue-proxy'));
  expect(withProxy).toEqual(['knative']);
});

it('names large inference services as KServe does, and has only one label of them', () => {
  const pod = podIdentity('kserve', 'llama', createRandom(5), true);
  expect(pod.name).toMatch(/^llama-kserve-[4-9bcdf]+-[a-z0-9]{5}$/);
  expect(pod.labels).toMatchObject({ label_oscar_app: 'oscar-svc-ksv-llama' });
  expect(pod.labels).not.toHaveProperty('label_serving_kserve_io_inferenceservice');
});

it('keeps a name of Knative that fits', () => {
  expect(knativeChild('a-00001', '-deployment')).toBe('a-00001-deployment');
  expect(knativeChild('x'.repeat(52), '-deployment')).toHaveLength(63);
  expect(knativeChild('x'.repeat(53), '-deployment')).toMatch(/^x{20}[0-9a-f]{32}-deployment$/);
  expect(fitsEveryKind('cowsay')).toBe(true);
  expect(fitsEveryKind(long)).toBe(false);
});
