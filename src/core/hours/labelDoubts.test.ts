import { type Doubt } from './attribution';
import { labelDoubts } from './labelDoubts';

const window = (doubt: Doubt, doubted: Record<string, number>, hours = 100) => ({
  hours: new Map([['all', hours]]),
  doubted: new Map([[doubt, new Map(Object.entries(doubted))]]),
});

it.each(['no-labels', 'unlabelled'] as const)('calls out each hour that was assigned by name: %s', (doubt) => {
  const [text, ...more] = labelDoubts([window(doubt, { a: 0.2 }), window(doubt, { b: 0.3 })], 'GPU');
  expect(text).toMatch(
    /^0\.50 GPU hours \(a, b\) were assigned to services by pod names .*--metric-labels-allowlist=pods=/
  );
  expect(more).toEqual([]);
});

it('calls pods that were not seen in time out above 1 % of all hours', () => {
  expect(labelDoubts([window('unknown', { a: 1 })], 'CPU')).toEqual([]);
  expect(labelDoubts([window('unknown', { a: 1.1 })], 'CPU').join()).toMatch(/^1\.10 CPU hours \(a\).*more often$/);
});

it('calls hours of no service out above 1 % of all, whatever the reason', () => {
  expect(labelDoubts([window('unlabelled', { '(unattributed)': 1 })], 'GPU')).toEqual([]);
  expect(labelDoubts([window('unlabelled', { '(unattributed)': 1.1 })], 'GPU').join()).toMatch(
    /^1\.10 GPU hours are \(unattributed\), because pod names do not identify a service: .*--metric-labels-allowlist/
  );
});

it('names some services of those of which labels contradict each other', () => {
  const services = Object.fromEntries(Array.from({ length: 12 }, (_, index) => [`s${index + 10}`, 0.5]));
  expect(labelDoubts([window('contradictory', services)], 'GPU').join()).toMatch(
    /^6\.00 GPU hours \(s10, .*s19, 2 more\) belong to pods for which kube_pod_labels names several services/
  );
});
