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
  expect(services.of(podKey(pods.odd), time)).toEqual({ service: '(unattributed)', scheme: 'labels' });
  expect(services.of(podKey(pods.named), time)).toEqual({ service: 'b', scheme: 'names' });
  expect(services.of(podKey(pods.strange), time)).toEqual({ service: '(unattributed)', scheme: 'none' });
});

it('knows the service of a pod in its window and namespace only', () => {
  const services = new PodServices([labelled({ pod: 'a-6b9ddddbd7-cm6c9', label_oscar_service: 'x' })]);
  const key = podKey(labelled({ pod: 'a-6b9ddddbd7-cm6c9' }));
  expect(services.of(key, time + 1)).toEqual({ service: 'a', scheme: 'names' });
  const elsewhere = podKey(labelled({ pod: 'a-6b9ddddbd7-cm6c9', namespace: 'oscar-svc-2' }));
  expect(services.of(elsewhere, time)).toEqual({ service: 'a', scheme: 'names' });
});
