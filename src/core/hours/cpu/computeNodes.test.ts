import { hourMs } from '../../domain/duration';
import { withUnscrapedNodes } from './computeNodes';
import { emptyWindow } from './window';

const windows = [0, 1, 2].map((hour) => ({
  ...emptyWindow({ start: hour * hourMs, end: (hour + 1) * hourMs }),
  silentPods: hour === 1 ? 0 : 2,
}));

it('tells silent windows the most pods on each node in the steps that reach into them', () => {
  const pods = [
    [hourMs - 1, 1],
    [3 * hourMs - 1, 2],
  ] as const;
  const nodes = withUnscrapedNodes(windows, { stepMs: hourMs, nodes: [['virtual', pods]] });
  expect(nodes.map(({ unscrapedNodes }) => unscrapedNodes && [...unscrapedNodes])).toEqual([
    [['virtual', 1]],
    undefined,
    [['virtual', 2]],
  ]);
  expect(windows.some((window) => 'unscrapedNodes' in window)).toBe(false);
});

it('leaves windows as they are where nothing was asked', () => {
  expect(withUnscrapedNodes(windows, undefined)).toEqual(windows);
});
