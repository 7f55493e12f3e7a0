import { type CompletedPod, completionsOf, meanCores, unsampledHours } from './completedPods';

const pod: CompletedPod = { service: 'a', started: 100, completed: 400, last: { used: 40, sampled: 300 } };

it('goes on at the mean rate of a pod until its completion', () => {
  const completions = completionsOf([pod], 0);
  // 40 s in 200 s, and 100 s more.
  expect(Object.fromEntries(completions.afterLastSample)).toEqual({ a: 20 });
  expect(Object.fromEntries(completions.used)).toEqual({ a: 40 });
  expect(Object.fromEntries(completions.life)).toEqual({ a: 300 });
  expect(completions.unsampledPods.size).toBe(0);
  expect(meanCores(completions, 'a')).toBeCloseTo(0.2, 12);
});

it('adds nothing where the last sample is as late as the completion, or no later than the start', () => {
  const late = { ...pod, last: { used: 40, sampled: 410 } };
  const early = { ...pod, last: { used: 40, sampled: 100 } };
  expect([...completionsOf([late, early], 0).afterLastSample.values()]).toEqual([0]);
});

it('estimates pods without a sample from the others of their service, where their samples would be seen', () => {
  const unsampled = { ...pod, last: undefined };
  const completions = completionsOf(
    [pod, unsampled, { ...unsampled, started: 40 }, { ...unsampled, service: 'b' }],
    50
  );
  expect(Object.fromEntries(completions.unsampledPods)).toEqual({ a: 1, b: 1 });
  const hours = unsampledHours(completions, completions);
  expect(hours.get('a')).toBeCloseTo((300 * 0.2) / 3600, 12);
  expect(hours.get('b')).toBeUndefined();
});

it('leaves out pods that were completed before they started', () => {
  const odd = completionsOf(
    [
      { ...pod, started: 400 },
      { ...pod, started: 500, last: undefined },
    ],
    0
  );
  expect(Object.values(odd).every((part: ReadonlyMap<string, number>) => part.size === 0)).toBe(true);
});
