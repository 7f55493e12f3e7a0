import { type GpuFindings, type UsageView, type UsageWindow } from '../view';
import { noFindings } from './gpuHours';
import { allocationDoubts, allocationNotes, busyDoubts, withoutAnyLabels } from './notes';

const view = (...windows: Array<Partial<UsageWindow>>): UsageView => ({
  windows: windows.map((window) => ({ start: 0, end: 1, hours: new Map(), ...window })),
  missing: [],
  notes: [],
  warnings: [],
});
const findings = (of: Partial<GpuFindings>): Partial<UsageWindow> => ({ gpu: { ...noFindings(true), ...of } });
const hours = (of: Record<string, number>) => ({ hours: new Map(Object.entries(of)) });

it('doubts hours of unknown users only where there are some', () => {
  expect(busyDoubts(view(hours({ '(unattributed)': 2 })))).toEqual([]);
  expect(busyDoubts(view(findings({ strayHours: 1 }), findings({ strayHours: 0.5 }))).join()).toContain(
    '1.50 hours for which DCGM names no pod'
  );
});

it('names the shares of GPUs that are not counted', () => {
  const shares = new Map([['nvidia_com_mig_1g_5gb', 2]]);
  expect(allocationDoubts(view(findings({ shares }), findings({ shares })), view()).join()).toMatch(
    /: nvidia_com_mig_1g_5gb \(4\.00 h\)$/
  );
});

it('names services that were busy without requesting a GPU', () => {
  const active = view(hours({ a: 1, b: 3, '(unattributed)': 4, c: 0.01 }));
  expect(allocationDoubts(view(hours({ a: 0.5 })), active).join()).toMatch(/without requesting one.*: b \(3\.00 h\)$/);
  expect(allocationDoubts(view(hours({ a: 0.5, b: 1 })), active)).toEqual([]);
});

it('names the services that only names of pods tell, and what kube-state-metrics lacks', () => {
  const doubted = (hours: number) => new Map([['unknown' as const, new Map([['a', hours]])]]);
  const seldom = view({ ...hours({ a: 2, b: 998 }), ...findings({ doubted: doubted(2) }) });
  expect(allocationDoubts(seldom, view())).toEqual([]);
  expect(allocationDoubts(withoutAnyLabels(seldom), view()).join()).toMatch(
    /^2\.00 GPU hours \(a\) were .*there is no kube_pod_labels.*--metric-labels-allowlist=pods=\[oscar_service/
  );
  const often = view({ ...hours({ a: 20, b: 980 }), ...findings({ doubted: doubted(20) }) });
  expect(busyDoubts(often).join()).toMatch(/20\.00 GPU hours \(a\).*scrape kube-state-metrics more often/);
});

it('doubts hours of GPUs that are not one pod’s as a whole, unless pods just follow one another', () => {
  const active = (of: Partial<GpuFindings>) => view({ ...hours({ a: 10 }), ...findings(of) });
  expect(busyDoubts(active({ sharedHours: 0.5 }))).toEqual([]);
  expect(busyDoubts(active({ sharedHours: 0.6 })).join()).toContain('shared GPUs for 0.60 busy hours');
  expect(busyDoubts(active({ slicedHours: 0.01 })).join()).toContain('slices of GPUs (MIG)');
  expect(busyDoubts(active({ twinHours: 0.1 }))).toEqual([]);
  expect(allocationDoubts(view(hours({ a: 10 })), active({ twinHours: 2 })).join()).toContain(
    '2.00 busy hours may count twice'
  );
});

it('says where phases of pods are not known', () => {
  const allocated = view({ ...hours({ a: 1 }), ...findings({ phases: false, unphasedPods: 2 }) });
  expect(allocationNotes(allocated).join()).toContain('kube_pod_status_phase');
  expect(allocationDoubts(allocated, view()).join()).toContain('containers of 2 pods ended');
  expect(allocationNotes(view(findings({ phases: false })))).toEqual([]);
  expect(allocationNotes(view({ ...hours({ a: 1 }), ...findings({}) }))).toEqual([]);
});
