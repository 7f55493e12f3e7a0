import { podKeyOf } from '../podValues';
import { podsWith, podsWithTwins, sumsOf } from './shown';

const counted = {
  servicesNamespace: 'n',
  labelling: { exportedCounters: false, withoutId: false, exportedObjects: false },
};
const withoutId = { ...counted, labelling: { ...counted.labelling, withoutId: true } };
const key = podKeyOf({ namespace: 'n', pod: 'a' });
const idOf = (name: string) => `/kubepods/burstable/pod1/${name}`;
const counter = (labels: Record<string, string>, ...samples: Array<[number, number]>) => ({
  labels: { namespace: 'n', pod: 'a', container: 'c', ...labels },
  samples,
});

it('sums up what the counters of a pod show at the same time, and no other', () => {
  const sums = sumsOf(
    [
      counter({ id: idOf('x') }, [1, 2], [2, 3]),
      counter({ id: idOf('y') }, [2, 10]),
      counter({ container: 'd', id: idOf('z') }, [2, 100]),
      counter({ container: 'd', id: idOf('v') }, [2, NaN]),
    ],
    counted
  );
  expect([sums.get(1)?.get(key), sums.get(2)?.get(key), sums.get(3)?.get(key)]).toEqual([2, 113, undefined]);
});

it('counts a container once that has counters of several kinds, or several names', () => {
  const [byId, byName] = [counter({ id: idOf('x') }, [1, 2]), counter({ name: 'k8s_c' }, [1, 3])];
  expect(sumsOf([byId, byName], withoutId).get(1)?.get(key)).toBe(3);
  const named = counter({ container: 'd', id: idOf('x') }, [1, 2]);
  expect(sumsOf([byId, named], counted).get(1)?.get(key)).toBe(2);
});

it('finds pods with a counter that is not among others at the time', () => {
  const [one, other] = [counter({ id: idOf('x') }, [1, 5], [2, 6]), counter({ id: idOf('y') }, [2, 9])];
  const known = [counter({ id: idOf('x') }, [1, 3])];
  expect([...podsWith([one], known)]).toEqual([[2, new Map([[key, true]])]]);
  expect([...podsWith([one, other], [one])]).toEqual([[2, new Map([[key, true]])]]);
  expect([...podsWith([one, other], [], (value) => value > 8)]).toEqual([[2, new Map([[key, true]])]]);
});

describe('twins', () => {
  const twins = (labels: ReadonlyArray<Record<string, string>>, isWithoutId: boolean, samples = 5) =>
    podsWithTwins(
      labels.map((one) => counter(one, [1, samples])),
      isWithoutId,
      3
    ).has(1);

  it.each<[string, Array<Record<string, string>>, boolean, boolean]>([
    ['two starts of a container', [{ id: idOf('x') }, { id: idOf('y') }], false, true],
    ['two containers', [{ id: idOf('x') }, { container: 'd', id: idOf('y') }], false, false],
    ['one cgroup under two paths', [{ id: idOf('x') }, { id: `/docker/1${idOf('x')}` }], false, false],
    ['two starts by the name of the runtime', [{ name: 'x' }, { name: 'y' }], true, true],
    ['counters of two kinds', [{ id: idOf('x') }, {}], true, false],
    ['a cgroup with two containers', [{ id: idOf('x') }, { container: 'd', id: idOf('x') }], true, true],
    ['containers of which each kind knows another one', [{ id: idOf('x') }, { container: 'd' }], true, true],
  ])('%s', (_, labels, isWithoutId, expected) => {
    expect(twins(labels, isWithoutId)).toBe(expected);
    expect(twins(labels, isWithoutId, 3)).toBe(false);
  });
});
