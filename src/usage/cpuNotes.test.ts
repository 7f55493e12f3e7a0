import { cpuDoubts, cpuNotes } from './cpuNotes';
import { addHours, emptyWindow, type Scheme } from './cpuWindow';

const dayMs = 86_400_000;
const day = (index: number, scheme: Scheme, hours = 10) => {
  const window = emptyWindow({ start: index * dayMs, end: (index + 1) * dayMs });
  addHours(window, 'a', scheme, hours);
  return window;
};

it('says how services are known, and from when on it changes', () => {
  expect(cpuNotes([day(0, 'labels'), day(1, 'labels')], [])).toEqual([expect.stringContaining('kube-state-metrics')]);
  const [note] = cpuNotes([day(0, 'service'), day(1, 'names'), day(2, 'names')], []);
  expect(note).toMatch(/changes.*1970-01-01.*service.*1970-01-02.*names/);
});

it('takes no change from minute to minute for one', () => {
  const minutes = (['labels', 'none', 'labels', 'none'] as const).map((scheme, index) => {
    const window = emptyWindow({ start: index * 60_000, end: (index + 1) * 60_000 });
    addHours(window, 'a', scheme, scheme === 'labels' ? 2 : 1);
    return window;
  });
  const notes = cpuNotes([...minutes, day(1, 'labels')], []);
  expect(notes).toEqual([expect.stringContaining('services are known by kube-state-metrics')]);
});

it('tells of pods without a sample, and stresses an estimate above 1 %', () => {
  const window = day(0, 'labels', 99);
  window.unseen = { pods: 7, lifeHours: 0.5, hours: 0.6, unknownLifeHours: 0 };
  expect(cpuNotes([window], []).join()).toMatch(/7 pods lived 0\.50 hours.*adds 0\.60/);
  expect(cpuNotes([window], []).join()).not.toContain('more than 1 %');
  window.unseen.hours = 1.5;
  expect(cpuNotes([window], []).join()).toContain('more than 1 %');
});

it('tells of stretches without a scrape and of counters with a history', () => {
  const window = { ...day(0, 'labels'), withHistory: 3 };
  const notes = cpuNotes([window], [{ start: 0, end: 5_400_000 }]);
  expect(notes.join()).toMatch(/not scraped for 1\.50 hours/);
  expect(notes.join()).toMatch(/3 pods first appear with a history/);
});

it('doubts hours of collapsed pods', () => {
  expect(cpuDoubts([day(0, 'labels'), day(1, 'names')])).toEqual([]);
  expect(cpuDoubts([day(0, 'labels'), day(1, 'service')])).toEqual([expect.stringContaining('label `pod`')]);
});
