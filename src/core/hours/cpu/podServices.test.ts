import { PodServices } from './podServices';
import { podKey } from './podValues';

const time = 1000;

function labelled(labels: Record<string, string>, at = time) {
  return { labels: { namespace: 'oscar-svc', ...labels }, samples: [[at, 1]] as Array<[number, number]> };
}

it('says how the service of a pod is known', () => {
  const pods = {
    known: labelled({ pod: 'a-6b9ddddbd7-cm6c9', label_oscar_service: 'other' }),
    odd: labelled({ pod: 'odd', label_oscar_service: 'NO NAME' }),
    named: labelled({ pod: 'b-6b9ddddbd7-cm6c9' }),
    strange: labelled({ pod: 'strange' }),
  };
  const services = new PodServices([pods.known, pods.odd]);
  expect(services.of(podKey(pods.known), time)).toEqual({ service: 'other', scheme: 'labels' });
  expect(services.of(podKey(pods.odd), time)).toEqual({
    service: '(unattributed)',
    scheme: 'none',
    doubt: 'unlabelled',
  });
  expect(services.of(podKey(pods.named), time)).toEqual({ service: 'b', scheme: 'names', doubt: 'unknown' });
  expect(services.of(podKey(pods.strange), time)).toEqual({
    service: '(unattributed)',
    scheme: 'none',
    doubt: 'unknown',
  });
});

it('knows the service of a pod in its window and namespace only', () => {
  const services = new PodServices([labelled({ pod: 'a-6b9ddddbd7-cm6c9', label_oscar_service: 'x' })]);
  const key = podKey(labelled({ pod: 'a-6b9ddddbd7-cm6c9' }));
  expect(services.of(key, time + 1)).toEqual({ service: 'a', scheme: 'names', doubt: 'no-labels' });
  const elsewhere = podKey(labelled({ pod: 'a-6b9ddddbd7-cm6c9', namespace: 'oscar-svc-2' }));
  expect(services.of(elsewhere, time)).toEqual({ service: 'a', scheme: 'names', doubt: 'unknown' });
});

it('knows each kind of pod by the label that OSCAR gives it', () => {
  const pods = [
    labelled({ pod: 'job', label_oscar_service: 'a' }),
    labelled({
      pod: '0f3a9c1d7b-deployment-5d6f7c8b9-q2w3e',
      label_serving_knative_dev_service: 'a',
      label_app: 'a-00001',
    }),
    labelled({ pod: 'b-dlp-6b9ddddbd7-cm6c9', label_app: 'oscar-svc-exp-a' }),
    labelled({ pod: 'b-predictor-6b9ddddbd7-cm6c9', label_oscar_app: 'oscar-svc-ksv-a' }),
  ];
  const services = new PodServices(pods);
  expect(pods.map((pod) => services.of(podKey(pod), time))).toEqual(
    pods.map(() => ({ service: 'a', scheme: 'labels' }))
  );
});

it('does not give the pod of an image puller to a service, and finds nothing wrong with it', () => {
  const pods = [
    labelled({ pod: 'image-puller-cowsay-decade-x7k2p' }),
    labelled({ pod: 'a', label_oscar_resource: 'daemonset' }),
  ];
  const services = new PodServices(pods);
  const none = { service: '(unattributed)', scheme: 'system' };
  expect(pods.map((pod) => services.of(podKey(pod), time))).toEqual([none, none]);
});

it('takes two kube-state-metrics for one, also where one of them knows less', () => {
  const pod = 'a-6b9ddddbd7-cm6c9';
  const replicas = [
    labelled({ pod }),
    labelled({ pod, label_app: 'oscar-svc-exp-y' }),
    labelled({ pod, label_oscar_service: 'y' }),
  ];
  for (const order of [replicas, [...replicas].reverse()]) {
    expect(new PodServices(order).of(podKey(labelled({ pod })), time)).toEqual({ service: 'y', scheme: 'labels' });
  }
});

it('doubts a pod for which several services are named', () => {
  const pod = 'w-0';
  const one = labelled({ pod, label_oscar_service: 'one' });
  const two = labelled({ pod, label_app: 'oscar-svc-exp-two' });
  for (const order of [
    [one, two],
    [two, one],
  ]) {
    expect(new PodServices(order).of(podKey(one), time)).toEqual({
      service: 'one',
      scheme: 'labels',
      doubt: 'contradictory',
    });
  }
});
