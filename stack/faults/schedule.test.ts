import { tamperings } from '../records/tampering';
import { createSchedule, heals, type Rule } from './schedule';
import { createStriker } from './striker';

const schedules = Array.from({ length: 400 }, (_, number) => createSchedule(7, number, 1e9));
const rule = (fault: Rule['fault'], times: number | null): Rule => ({
  engine: 'loki',
  fault,
  share: 1,
  times,
  after: 0,
});
const healing = (...rules: Rule[]) => heals({ number: 0, salt: 0, rules });

it('is the same for a seed and a number, and another one for others', () => {
  expect(createSchedule(7, 3, 1e9)).toEqual(schedules[3]);
  expect(new Set(schedules.map((schedule) => JSON.stringify(schedule))).size).toBe(400);
});

it('brings every kind of fault, restarts, jumps of the clock and people who leave', () => {
  const kinds = new Set(schedules.flatMap(({ rules }) => rules.map(({ fault }) => fault.kind)));
  expect(kinds.size).toBe(14);
  for (const key of ['clock', 'killAfter', 'leaveAfter'] as const) {
    expect(schedules.filter((schedule) => schedule[key] !== undefined).length).toBeGreaterThan(3);
  }
  const share = schedules.filter(heals).length / schedules.length;
  expect(share).toBeGreaterThan(0.2);
  expect(share).toBeLessThan(0.8);
});

it('brings usage records with every kind of tampering, with their logs and, where it can be noticed then, without', () => {
  const scenes = schedules.flatMap(({ records }) => (records ? [records] : []));
  expect(new Set(scenes.map(({ tampering }) => tampering))).toEqual(new Set(tamperings));
  const goneWith = new Set(scenes.flatMap(({ tampering, areLogsGone }) => (areLogsGone ? [tampering] : [])));
  expect(goneWith.size).toBeGreaterThan(tamperings.length / 2);
  expect(goneWith).not.toContain('late-lines');
});

it('strikes questions for usage records only, where it should', () => {
  const strike = createStriker({ salt: 5, rules: [{ ...rule({ kind: 'no-records' }, null), ofRecords: true }] });
  const asked = (text: string) => strike({ engine: 'loki', path: '/x', text });
  expect(asked('/x?query=oscar_record')).toEqual({ kind: 'no-records' });
  expect(asked('/x?query=other')).toBeUndefined();
});

it('knows which faults the client survives', () => {
  expect(healing(rule({ kind: 'refuse' }, 5))).toBe(true);
  expect(healing(rule({ kind: 'refuse' }, 3), rule({ kind: 'page' }, 3))).toBe(false);
  expect(healing(rule({ kind: 'refuse' }, null))).toBe(false);
  expect(healing(rule({ kind: 'drip' }, null))).toBe(true);
  expect(healing(rule({ kind: 'reset' }, 3))).toBe(false);
  expect(healing(rule({ kind: 'status', status: 403, flavour: 'html' }, 1))).toBe(false);
});

it('strikes the chosen requests as often as it says, in whatever order they come', () => {
  const questions = Array.from({ length: 100 }, (_, index) => ({
    engine: 'loki' as const,
    path: '/x',
    text: `/x?n=${index}`,
  }));
  const struckIn = (order: typeof questions) => {
    const strike = createStriker({ salt: 5, rules: [{ ...rule({ kind: 'refuse' }, 2), share: 0.3 }] });
    const struck = new Map<string, number>();
    for (const question of [...order, ...order, ...order]) {
      if (strike(question)) {
        struck.set(question.text, (struck.get(question.text) ?? 0) + 1);
      }
    }
    return struck;
  };
  const struck = struckIn(questions);
  expect(struck.size).toBeGreaterThan(10);
  expect(struck.size).toBeLessThan(60);
  expect(new Set(struck.values())).toEqual(new Set([2]));
  expect(struckIn([...questions].reverse())).toEqual(struck);
});
