import { isImagePuller, serviceOfPod } from './podName';

it.each([
  ['cowsay-00001-deployment-7d8f9c6b5d-abcde', 'cowsay'],
  ['nginx-dlp-6b9ddddbd7-cm6c9', 'nginx'],
  ['nginx-dpl-6b9ddddbd7-cm6c9', 'nginx'],
  ['gmolto-nginx-dlp-6b9ddddbd7-cm6c9', 'gmolto-nginx'],
  ['simple-test-1a2b3c4d-1234-4abc-89ab-0123456789ab-x7k2p', 'simple-test'],
  ['simple-test-1a2b3c4d-1234-4abc-89ab-0123-x7k2p', 'simple-test'],
  ['simple-test-1a2b3c4d-1234-4abc-89ab-0123456789abx7k2p', 'simple-test'],
  ['a-name-that-is-very-long-for-a-service-1a2b3c4d-1234-4x7k2p', 'a-name-that-is-very-long-for-a-service'],
  ['a-name-that-is-very-long-for-a-service-1a2b3c4d-12x7k2p', 'a-name-that-is-very-long-for-a-service'],
  ['model-predictor-6b9ddddbd7-cm6c9', 'model'],
  ['model-kserve-6b9ddddbd7-cm6c9', 'model'],
  ['web-6b9ddddbd7-cm6c9', 'web'],
  ['web-6b9ddddb-cm6c9', 'web'],
  ['my-predictor-app-00001-deployment-7d8f9c6b5d-abcde', 'my-predictor-app'],
  ['a-dlp-app-6b9ddddbd7-cm6c9', 'a-dlp-app'],
  ['my-kserve-demo-1a2b3c4d-1234-4abc-89ab-0123456789ab-x7k2p', 'my-kserve-demo'],
  ['my-predictor-1a2b3c4d-1234-4abc-89ab-0123456789ab-x7k2p', 'my-predictor'],
  ['a-00001-deployment-b-1a2b3c4d-1234-4abc-89ab-0123456789ab-x7k2p', 'a-00001-deployment-b'],
  ['my-kserve-service-of-many-words-1a2b3c4d-1234-4abc-89ab-012x7k2p', 'my-kserve-service-of-many-words'],
  ['my-kserve-demo-predictor-6b9ddddbd7-cm6c9', 'my-kserve-demo'],
  ['model-predictor-6b9ddddb-cm6c9', 'model'],
  ['cowsay-00001-deployment-7d8f9c6b-abcde', 'cowsay'],
  ['a-service-with-a-name-of-forty-characters-00001-deployment-7cm6c9', 'a-service-with-a-name-of-forty-characters'],
  ['image-puller-x-1a2b3c4d-1234-4abc-89ab-0123456789ab-x7k2p', 'image-puller-x'],
])('%s belongs to %s', (pod, service) => {
  expect(serviceOfPod(pod)).toBe(service);
});

it.each([
  '',
  'web',
  'web-0',
  'UPPER-6b9ddddbd7-cm6c9',
  '-6b9ddddbd7-cm6c9',
  // Knative's hash of a long name: which service it was, the name does not tell.
  '0f3a9c1d7b-deployment-5d6f7c8b9-q2w3e',
  'image-puller-cowsay-x7k2p',
  'image-puller-my-kserve-demo-x7k2p',
  'image-puller-cowsay-decade-x7k2p',
])('%p says nothing', (pod) => {
  expect(serviceOfPod(pod)).toBeUndefined();
});

it('reads the pod of a model that KServe runs on Knative', () => {
  expect(serviceOfPod('model-predictor-00001-deployment-7d8f9c6b5d-abcde')).toBe('model');
});

it('does not cut a service whose own name holds "-predictor-"', () => {
  // Wrong is worse than unknown: `my` may be another service.
  expect(serviceOfPod('my-predictor-app-dlp-6b9ddddbd7-cm6c9')).not.toBe('my');
});

it('knows the pods of image pullers', () => {
  const cut = `image-puller-${'multispectral-satellite-image-segmentation-of-burnt'.slice(0, 45)}x7k2p`;
  expect(isImagePuller(cut)).toBe(true);
  expect(['image-puller-cowsay-x7k2p', 'image-puller-model-predictor-abcdef-x7k2p'].map(isImagePuller)).toEqual([
    true,
    true,
  ]);
  expect(isImagePuller('image-puller-x-00001-deployment-7d8f9c6b5d-abcde')).toBe(false);
  expect(isImagePuller('cowsay-decade-x7k2p')).toBe(false);
});
