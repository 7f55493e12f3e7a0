import { lastValueFrom } from 'rxjs';

import { type EnginePod, podEngine, podFacts, podShape } from '../../../testing/podEngine';
import { hourMs, minuteMs } from '../../domain/duration';
import { askPods } from './askPods';
import { samplesIn } from './podFacts';
import { podKeyOf } from './podValues';

const start = Date.parse('2026-10-05T10:00:00Z');
const run = { first: { start, end: start + hourMs }, lengthMs: hourMs, count: 1 };
const name = 'a-6b9ddddbd7-cm6c9';
const key = podKeyOf({ namespace: 'n', pod: name });
const at = (minute: number, value: number): [number, number] => [start + minute * minuteMs, value];

function ask(pod: EnginePod, samplesOf?: (pod: EnginePod, attempt: number) => EnginePod['containers']) {
  return lastValueFrom(askPods(podEngine([pod], hourMs, samplesOf), podShape(hourMs), run, -Infinity));
}

const ended = { name, containers: [[at(10, 20), at(12, 26)]] };
/** It shows more than a new counter could in its first sample. */
const large = { name, containers: [[at(-600, 4000), at(20, 5000), at(58, 5010)]] };
const reset = { name, containers: [[at(-10, 4990), at(20, 5000), at(40, 10), at(58, 13)]] };

it.each([ended, reset])('finds what the engine knows, and the samples that are needed: %#', async (pod) => {
  const facts = await ask(pod);
  const own = podFacts([pod], run);
  expect(facts.windows).toEqual(own.windows);
  expect(samplesIn(facts, 0)(key)).toEqual(samplesIn(own, 0)(key));
  expect(samplesIn(facts, 0)(key)[0]?.series[0]?.samples).toEqual(pod.containers[0]);
});

it('looks for the samples of a counter that may have a history long before the window', async () => {
  expect(samplesIn(await ask(large), 0)(key)[0]?.series[0]?.samples).toEqual(large.containers[0]);
});

it('does not ask for the samples of a pod whose ends of the window are enough', async () => {
  const facts = await ask({ name, containers: [[at(-1, 100), at(59, 160)]] });
  expect(samplesIn(facts, 0)(key)).toEqual([]);
  expect(facts.parts.until.at(start + hourMs - 1).get(key)).toBe(160);
});

it.each([
  ['other samples', ended, () => [[at(10, 20), at(12, 27)]]],
  ['samples of another time', ended, () => [[at(-500, 20), at(-499, 26)]]],
  ['none', ended, () => []],
  ['none of a counter that was reset', reset, () => []],
  ['none of a counter that may have a history', large, () => []],
  ['other samples of one', large, () => [[at(20, 5000), at(58, 5009)]]],
  ['half of these', reset, ({ containers }: EnginePod) => containers.map((samples) => samples.slice(0, 2))],
] as Array<[string, EnginePod, (pod: EnginePod) => EnginePod['containers']]>)(
  'does not take %s for those of a pod',
  async (_, pod, samplesOf) => {
    await expect(ask(pod, samplesOf)).rejects.toThrow(`samples of the pod "${name}" show`);
  }
);

it('asks again for samples that can not be those of a pod', async () => {
  const facts = await ask(ended, (pod, attempt) => (attempt === 0 ? [] : pod.containers));
  expect(samplesIn(facts, 0)(key)[0]?.series[0]?.samples).toEqual(ended.containers[0]);
});

it('takes samples with some that came in after they were summed', async () => {
  const [first = []] = ended.containers;
  const pod = { name, containers: [first, [at(20, 1), at(57, 4)]] };
  const facts = await ask(pod, () => [first, [at(20, 1), at(57, 4), at(59, 9)]]);
  // 4 and not 9: the hours are those of the sum.
  expect(facts.parts.until.at(start + hourMs - 1).get(key)).toBe(26 + 4);
  expect(samplesIn(facts, 0)(key)[1]?.series[0]?.samples).toHaveLength(3);
});
