import { allocationDoubts, busyDoubts } from './gpuNotes';
import { type UsageView, type UsageWindow } from './usageView';

const view = (...windows: Array<Partial<UsageWindow>>): UsageView => ({
  windows: windows.map((window) => ({ start: 0, end: 1, hours: new Map(), ...window })),
  missing: [],
  notes: [],
  warnings: [],
});
const hours = (of: Record<string, number>) => ({ hours: new Map(Object.entries(of)) });

it('doubts hours of unknown users only where there are some', () => {
  expect(busyDoubts(view(hours({ '(unattributed)': 2 })))).toEqual([]);
  expect(busyDoubts(view({ strayHours: 1 }, { strayHours: 0.5 })).join()).toContain(
    '1.50 hours of which DCGM tells no pod'
  );
});

it('names the shares of GPUs that are not counted', () => {
  const shares = new Map([['nvidia_com_mig_1g_5gb', 2]]);
  expect(allocationDoubts(view({ shares }, { shares }), view()).join()).toMatch(/: nvidia_com_mig_1g_5gb \(4\.00 h\)$/);
});

it('names services that were busy without asking for a GPU', () => {
  const active = view(hours({ a: 1, b: 3, '(unattributed)': 4, c: 0.01 }));
  expect(allocationDoubts(view(hours({ a: 0.5 })), active).join()).toMatch(/without asking.*: b \(3\.00 h\)$/);
  expect(allocationDoubts(view(hours({ a: 0.5, b: 1 })), active)).toEqual([]);
});
