import { type UsageWindow } from './usageView';
import { WindowShelf } from './windowShelf';
import { WindowStore } from './windowStore';

const hourMs = 3_600_000;

function shelfAt(now: number): WindowShelf<UsageWindow> {
  return new WindowShelf<UsageWindow>(new WindowStore(100), ['question'], { now, settleMs: hourMs, readAgain: false });
}

it('cuts the window that is still open where it can no longer change', () => {
  const windows = [
    { start: 0, end: 24 * hourMs },
    { start: 24 * hourMs, end: 34.4 * hourMs },
  ];
  expect(shelfAt(34.4 * hourMs).cutOpen(windows)).toEqual([
    { start: 0, end: 24 * hourMs },
    { start: 24 * hourMs, end: 33 * hourMs },
    { start: 33 * hourMs, end: 34.4 * hourMs },
  ]);
});

it('cuts nothing that is settled, or too young', () => {
  const windows = [{ start: 0, end: 1.5 * hourMs }];
  expect(shelfAt(100 * hourMs).cutOpen(windows)).toEqual(windows);
  expect(shelfAt(1.5 * hourMs).cutOpen(windows)).toEqual(windows);
});
