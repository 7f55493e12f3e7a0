import { epoch } from '../../testing/arbitraries';
import { stateOfFindings, statusIn } from '../completeness/model';
import { dayMs, hourMs } from '../domain/duration';
import { type Cell } from '../requests/cell';
import { KeyTable } from '../requests/keyTable';
import { type ForgeryEvidence } from './forgery';
import { forgeryRules } from './forgeryRules';
import { type LokiEvidence } from './lokiEvidence';
import { judgeAll } from './rule';

const span = { start: epoch, end: epoch + 5 * dayMs };
const day = (index: number) => ({ start: epoch + index * dayMs, end: epoch + (index + 1) * dayMs });

interface Scene {
  cells?: Array<Partial<Cell>>;
  evidence?: Partial<LokiEvidence>;
  forgery?: Partial<ForgeryEvidence>;
  zone?: string;
}

function stateOf({ cells = [], evidence = {}, forgery, zone = 'utc' }: Scene) {
  const empty = { ids: new Uint32Array(), counts: new Uint32Array(), unparsed: 0 };
  const findings = judgeAll(forgeryRules, {
    view: {
      span,
      cells: cells.map((cell, index) => ({ ...day(index), ...empty, ...cell })),
      missing: [],
      table: new KeyTable(() => undefined, 'auth_method'),
    },
    evidence: {
      silentDays: [],
      linesAhead: 0,
      examples: [],
      ...(forgery && { forgery: { suspects: {}, bursts: [], ...forgery } }),
      ...evidence,
    },
    zone,
  });
  return stateOfFindings('request-logs', span, findings, 0);
}
const statuses = (scene: Scene) => [0, 1, 2, 3, 4].map((index) => statusIn(stateOf(scene), day(index)));

it('says nothing where nothing is suspicious', () => {
  expect(stateOf({ cells: [{}, {}], forgery: {} })).toMatchObject({ status: 'ok', notes: [] });
});

it('doubts the whole day of a single line that was cut short, however many others there are', () => {
  const hour = { start: day(1).start + 5 * hourMs, end: day(1).start + 6 * hourMs };
  const scene = { cells: [{ counts: Uint32Array.of(1_000_000) }, { ...hour, cut: 1 }] };
  expect(stateOf(scene).notes).toEqual(['1 line cut short: somebody may have written lines into the log']);
  expect(stateOf(scene)).toMatchObject({ status: 'partial', coveragePercent: 100 });
  expect(statuses(scene)).toEqual(['ok', 'partial', 'ok', 'ok', 'ok']);
});

it('takes the days of the zone, and adds lines that are not about a POST', () => {
  const cells = [{}, { start: day(1).start, end: day(1).start + hourMs, cut: 2 }];
  expect(stateOf({ cells, zone: 'Asia/Kolkata' }).doubted).toEqual([
    { start: day(1).start - 5.5 * hourMs, end: day(2).start - 5.5 * hourMs },
  ]);
  const scene = { cells, forgery: { suspects: { cut: { lines: 3, days: [day(3)] } } } };
  expect(stateOf(scene).notes.join()).toMatch(/^5 lines cut short/);
  expect(statuses(scene)).toEqual(['ok', 'partial', 'ok', 'partial', 'ok']);
});

it.each([
  ['time', /^2 lines with a time more than 15 minutes/],
  ['service', /^2 lines with a service that differs from the path/],
])('doubts the days of lines that are suspected of another %s', (suspicion, note) => {
  const scene = { forgery: { suspects: { [suspicion]: { lines: 2, days: [day(2)] } } } };
  expect(stateOf(scene).notes).toEqual([expect.stringMatching(note)]);
  expect(statuses(scene)).toEqual(['ok', 'ok', 'partial', 'ok', 'ok']);
});

it('doubts days without a request on which the logger has another form', () => {
  const scene = { evidence: { foreign: { lines: 7, days: [day(0)] } } };
  expect(stateOf(scene).notes).toEqual([
    expect.stringMatching(/7 lines with the name of the executions logger, but without its time/),
  ]);
  expect(statuses(scene)[0]).toBe('partial');
  expect(stateOf({ evidence: { foreign: { lines: 0, days: [] } } }).status).toBe('ok');
});

it('doubts everything where it could not be asked', () => {
  expect(stateOf({ evidence: { forgery: { failure: 'HTTP 502' } } })).toMatchObject({
    status: 'partial',
    degraded: true,
    notes: [expect.stringContaining('HTTP 502')],
  });
});

it('remarks a user with many requests at once, without his name', () => {
  const bursts = [
    { ...day(1), requests: 1500 },
    { ...day(3), requests: 4000 },
  ];
  const { status, notes } = stateOf({ forgery: { bursts } });
  expect(status).toBe('ok');
  expect(notes).toEqual([
    'a user who does not appear in the rest of the range made 4,000 requests between 2026-10-27T00:00:00.000Z and 2026-10-27T23:59:59.999Z; 1 more such user',
  ]);
});

it.each([
  [9, 10, 1],
  [10, 10, 0],
  [11, 10, 0],
  // Such calls are not logged there.
  [0, 10, 0],
])('with %d calls at the ingress and %d at the manager has %d remarks', (ingress, manager, remarks) => {
  const { status, notes } = stateOf({ forgery: { calls: { ingress, manager } } });
  expect([status, notes.length]).toEqual(['ok', remarks]);
});
