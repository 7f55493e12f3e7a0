import { dayMs } from '../../src/core/domain/duration';
import { createRandom } from '../traffic/random';
import { type AttackDay } from './attack';
import { attacks, together } from './attacks';

const start = Date.parse('2025-10-31T00:00:00Z');
/** Loki's default limit of a line. */
const maxLineBytes = 256 * 1024;

function day(seed: number): AttackDay {
  const victim = { service: 'victim', user: 'victim@example.org', country: 'ES' };
  return { start, random: createRandom(seed, 0), scale: 1, victim, maxRequests: 5 };
}

it.each(attacks)('$name has lines of its day that Loki takes, the same for a seed', ({ lines }) => {
  const { hostile, truth, claimed = [] } = lines(day(1));
  expect(hostile.length).toBeGreaterThan(0);
  for (const { time, text } of [...hostile, ...truth, ...claimed]) {
    expect(time).toBeGreaterThan(start);
    expect(time).toBeLessThan(start + dayMs);
    expect(Buffer.byteLength(text)).toBeLessThan(maxLineBytes);
    expect(text).not.toContain('\n');
  }
  expect(lines(day(1)).hostile).toEqual(hostile);
});

it('tells all attacks at once what each of them claims, or what really happened', () => {
  const parts = attacks.map(({ name, lines }) => ({ name, parts: [name], ...lines(day(1)) }));
  const all = together('all', parts);
  expect(all.parts).toEqual(attacks.map(({ name }) => name));
  const claims = parts.flatMap(({ truth, claimed = truth }) => claimed);
  expect(all.claimed).toHaveLength(claims.length);
  expect(all.isFlagged).toBe(true);
});
