import { type Pod } from '../traffic/pods';
import { kindsOfServices, trueHours } from './lives';
import { createScenario } from './scenario';

const hour = 3600;
const scenario = createScenario({ from: Date.parse('2026-03-02T00:00:00Z') / 1000, days: 1, jobsPerDay: 400, seed: 7 });
const [life] = scenario.lives;
const pod: Pod = {
  ...(life as Pod),
  kind: 'job',
  start: 100 * hour,
  end: 103 * hour,
  containers: [{ name: 'c', cores: 2, restarts: [101 * hour] }],
};

it('knows the hours of a range, whatever lies outside of it, over restarts', () => {
  const service = pod.service.name;
  expect(trueHours([pod], { from: 0, to: 200 * hour }).get(service)).toBeCloseTo(6, 10);
  expect(trueHours([pod], { from: 102 * hour, to: 200 * hour }).get(service)).toBeCloseTo(2, 10);
  expect(trueHours([pod], { from: 103 * hour, to: 200 * hour }).size).toBe(0);
});

it('adds up over adjacent ranges', () => {
  const { asked, lives } = scenario;
  const middle = asked.from + 12_345;
  const parts = [
    { ...asked, to: middle },
    { ...asked, from: middle },
  ].map((span) => trueHours(lives, span));
  for (const [service, hours] of trueHours(lives, asked)) {
    expect(parts.reduce((sum, part) => sum + (part.get(service) ?? 0), 0)).toBeCloseTo(hours, 6);
  }
});

it('has pods of every kind, one kind a service', () => {
  const kinds = kindsOfServices(scenario.lives);
  expect(new Set(kinds.values())).toEqual(new Set(['job', 'knative', 'exposed', 'kserve', 'puller']));
  for (const { kind, service } of scenario.lives) {
    expect(kind === 'puller' ? 'puller' : kinds.get(service.name)).toBe(kind);
  }
});

it('holds names that tell nothing, and restarts in every kind of pod', () => {
  const { lives, nameless } = scenario;
  expect(lives.some(({ service }) => nameless.has(service.name))).toBe(true);
  const restarted = lives.filter(({ containers }) => containers.some(({ restarts }) => restarts.length > 0));
  expect(new Set(restarted.map(({ kind }) => kind)).size).toBe(5);
});
