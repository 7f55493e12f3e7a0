import { dayMs } from '../../domain/duration';
import { type AttributedHours, type Scheme, sumByService } from '../attribution';
import { cpuDoubts, cpuNotes } from './notes';
import { type CpuWindowView, emptyWindow } from './window';

const windowOf = (start: number, end: number, hours: readonly AttributedHours[]): CpuWindowView => ({
  ...emptyWindow({ start, end }),
  ...sumByService(hours),
});
/** A day with hours of the service `a`, and more hours. */
const day = (index: number, scheme: Scheme, hours = 10, ...more: AttributedHours[]) =>
  windowOf(index * dayMs, (index + 1) * dayMs, [{ service: 'a', scheme, hours }, ...more]);

it('says how hours are mapped to services, and from when on it changes', () => {
  expect(cpuNotes([day(0, 'labels'), day(1, 'labels')], [])).toEqual([expect.stringContaining('kube-state-metrics')]);
  const [note] = cpuNotes([day(0, 'service'), day(1, 'names'), day(2, 'names')], []);
  expect(note).toMatch(/changes.*1970-01-01.*label `service`.*1970-01-02.*names/);
});

it('takes no change from minute to minute for one', () => {
  const minutes = (['labels', 'none', 'labels', 'none'] as const).map((scheme, index) => {
    const hours = scheme === 'labels' ? 2 : 1;
    return windowOf(index * 60_000, (index + 1) * 60_000, [{ service: 'a', scheme, hours }]);
  });
  const notes = cpuNotes([...minutes, day(1, 'labels')], []);
  expect(notes).toEqual([expect.stringContaining('pods are mapped to services by their labels')]);
});

it('names pods without a sample, and stresses an estimate above 1 %', () => {
  const unsampled = { pods: 7, lifeHours: 0.5, hours: 0.6, unestimatedLifeHours: 0 };
  const window = { ...day(0, 'labels', 99), unsampled };
  expect(cpuNotes([window], []).join()).toMatch(/7 pods \(0\.50 pod-hours\) ended before.*use is 0\.60/);
  expect(cpuNotes([window], []).join()).not.toContain('more than 1 %');
  expect(cpuNotes([{ ...window, unsampled: { ...unsampled, hours: 1.5 } }], []).join()).toContain('more than 1 %');
});

it('names gaps of scraping and counters with a history', () => {
  const window = { ...day(0, 'labels'), withHistory: 3 };
  const notes = cpuNotes([window], [{ start: 0, end: 5_400_000 }]);
  expect(notes.join()).toMatch(/not scraped for 1\.50 hours in a gap from 1970-01-01T00:00:00.000Z on: pods/);
  expect(notes.join()).toMatch(/counters of 3 pods do not start near 0/);
});

it('doubts hours of counters without a pod', () => {
  expect(cpuDoubts([day(0, 'labels'), day(1, 'names')])).toEqual([]);
  expect(cpuDoubts([day(0, 'labels'), day(1, 'service')])).toEqual([expect.stringContaining('label `pod`')]);
});

it('doubts hours of counters without a pod that no label gives to a service, however few', () => {
  const window = { ...day(0, 'labels'), hasPodless: true };
  expect(cpuDoubts([window])).toEqual([
    expect.stringMatching(/^0\.00 CPU hours come from container counters .* keep the label `pod`$/),
  ]);
  expect(cpuDoubts([{ ...window, podlessHours: 2 }])).toEqual([expect.stringContaining('2.00 CPU hours')]);
  expect(cpuDoubts([{ ...day(1, 'service'), hasPodless: true }])).toHaveLength(1);
});

it('doubts hours of pods with several services', () => {
  const window = day(0, 'labels', 10, { service: 'b', scheme: 'labels', doubt: 'contradictory', hours: 0.05 });
  expect(cpuDoubts([window])).toEqual([expect.stringContaining('0.05 CPU hours (b) belong to pods for which')]);
});

it('doubts hours of pods whose labels are missing, and says which list has to be given to kube-state-metrics', () => {
  const named = { service: 'b', scheme: 'names', doubt: 'unlabelled', hours: 0.05 } as const;
  const none = { service: '(unattributed)', scheme: 'none', doubt: 'unlabelled', hours: 0.05 } as const;
  const window = day(0, 'labels', 10, named, none);
  expect(cpuDoubts([window])).toEqual([
    '0.05 CPU hours (b) were assigned to services by pod names alone: kube_pod_labels has none of the labels ' +
      'that name a service; start kube-state-metrics with --metric-labels-allowlist=pods=[oscar_service,app,oscar-app,' +
      'serving.knative.dev/service,serving.kserve.io/inferenceservice,vo,oscar.grycap/user-service],configmaps=[oscar_service]',
  ]);
  expect(cpuNotes([window], [])).toContain(
    '0.05 CPU hours (less than 1 %) are (unattributed): their pods belong to no known service'
  );
  const more = day(0, 'labels', 10, named, none, { ...none, hours: 0.06 });
  expect(cpuDoubts([more])).toContainEqual(
    expect.stringContaining(
      '0.11 CPU hours are (unattributed), because pod names do not identify a service: kube_pod_labels has none'
    )
  );
  expect(cpuNotes([more], []).join()).not.toContain('(unattributed)');
  const bare = windowOf(0, dayMs, [{ service: 'b', scheme: 'names', doubt: 'no-labels', hours: 1 }]);
  expect(cpuDoubts([bare])).toEqual([
    expect.stringContaining('there is no kube_pod_labels; start kube-state-metrics with'),
  ]);
});

it('doubts pods that kube-state-metrics did not see only where they are many', () => {
  const unknown = { service: 'b', scheme: 'names', doubt: 'unknown', hours: 0.9 } as const;
  expect(cpuDoubts([day(0, 'labels', 99, unknown)])).toEqual([]);
  expect(cpuDoubts([day(0, 'labels', 99, unknown, unknown)])).toEqual([
    expect.stringContaining('scrape kube-state-metrics more often'),
  ]);
});

it('doubts hours where counters or nodes are missing, or twins remain', () => {
  expect(cpuDoubts([{ ...day(0, 'labels'), cgroupHours: 2 }])).toEqual([expect.stringContaining('label `container`')]);
  expect(cpuDoubts([{ ...day(0, 'labels'), cgroupHours: 0.001 }])).toEqual([]);
  expect(cpuDoubts([{ ...day(0, 'labels'), twins: 1 }])).toEqual([
    expect.stringContaining('1 pod has several simultaneous counters of one container, so its hours'),
  ]);
  expect(cpuDoubts([{ ...day(0, 'labels'), hasNameless: true }])).toEqual([
    expect.stringContaining('without the labels'),
  ]);
  const nodes = [
    new Map([['vk', 2]]),
    new Map([
      ['vk', 1],
      ['vk-2', 1],
    ]),
  ];
  const windows = nodes.map((unscrapedNodes, index) => ({ ...day(index, 'labels'), unscrapedNodes }));
  expect(cpuDoubts(windows)).toEqual([expect.stringContaining('the nodes vk (2 pods a day), vk-2 (1 pod a day)')]);
});
