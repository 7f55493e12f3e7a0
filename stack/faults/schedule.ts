import { dayMs, hourMs } from '../../src/core/domain/duration';
import { patientWaitsMs } from '../../src/core/upstream/lostChunks';
import { tamperings, type Tampering } from '../records/tampering';
import { createRandom, type Random } from '../traffic/random';
import { type Fault, limitMessages, statuses } from './fault';

export type EngineName = 'loki' | 'prometheus';

/** A fault and the requests that it strikes. */
export interface Rule {
  engine: EngineName;
  fault: Fault;
  /** Share of the distinct requests, 0 to 1; which ones follows from the text of each and the schedule's salt. */
  share: number;
  /** How often each of them is struck; null: for ever. */
  times: number | null;
  /** Requests to the engine before the first one that can be struck. */
  after: number;
  /** True where it strikes questions for usage records only. */
  ofRecords?: boolean;
}

export interface Schedule {
  number: number;
  salt: number;
  rules: Rule[];
  /** The clock jumps by so much when so many requests have been sent. */
  clock?: { after: number; byMs: number };
  /** Loki is killed after so many requests and comes back when the query has ended. */
  killAfter?: number;
  /** The user leaves after so many requests. */
  leaveAfter?: number;
  /** What is there of usage records; absent where none are used. */
  records?: RecordScene;
}

/** What became of the records of all days, and of the logs that were counted for them. */
export interface RecordScene {
  tampering: Tampering;
  /** True where Loki no longer has the logs. */
  areLogsGone: boolean;
}

/** One in so many schedules reads usage records, after it has recorded a day. */
const recordsEvery = 5;

/** Every schedule with this remainder kills Loki, which takes seconds to come back. */
const killEvery = 40;

/** Schedule `number` of a seed, whatever the others are. `dataAgeMs`: how long before now the generated data ends. */
export function createSchedule(seed: number, number: number, dataAgeMs: number): Schedule {
  const random = createRandom(seed, number);
  const salt = random.integer(0, 0x7fff_ffff);
  if (number % killEvery === killEvery - 1) {
    return { number, salt, rules: [], killAfter: random.integer(1, 40) };
  }
  const rules = Array.from({ length: random.pick([1, 1, 1, 2, 3]) }, () => createRule(random));
  if (number % recordsEvery === recordsEvery - 1) {
    return { number, salt, ...createRecordScene(random, rules) };
  }
  return {
    number,
    salt,
    rules: random.chance(0.06) ? [] : rules,
    ...(random.chance(0.15) && { clock: { after: random.integer(0, 30), byMs: jump(random, dataAgeMs) } }),
    ...(random.chance(0.08) && { leaveAfter: random.integer(0, 30) }),
  };
}

function createRecordScene(random: Random, rules: readonly Rule[]): Pick<Schedule, 'records' | 'rules' | 'leaveAfter'> {
  const tampering = random.pick(tamperings);
  // Lines that came late and are gone are known to nobody.
  const areLogsGone = tampering !== 'late-lines' && random.chance(0.4);
  const delayed: Rule = {
    engine: 'loki',
    fault: { kind: 'no-records' },
    share: random.pick([0.3, 1]),
    times: random.pick([1, 2, null]),
    after: 0,
    ofRecords: true,
  };
  const aimed = rules.map((rule) =>
    rule.engine === 'loki' && random.chance(0.5) ? { ...rule, ofRecords: true } : rule
  );
  return {
    records: { tampering, areLogsGone },
    rules: random.pick([[], [delayed], aimed, aimed, aimed]),
    ...(random.chance(0.08) && { leaveAfter: random.integer(0, 30) }),
  };
}

/** Hours forth or back, days, or back to a time within the data. */
function jump(random: Random, dataAgeMs: number): number {
  const sign = random.pick([-1, 1]);
  return random.chance(0.3)
    ? -dataAgeMs - random.integer(0, 3 * dayMs)
    : sign * random.integer(1, random.pick([10_000, hourMs, 3 * dayMs]));
}

function createRule(random: Random): Rule {
  const engine = random.pick(['loki', 'loki', 'loki', 'prometheus', 'prometheus'] as const);
  const fault = createFault(random, engine);
  const stays = random.chance(0.35);
  const rule: Rule = {
    engine,
    fault,
    // A fault that stays makes the client look for shorter and shorter questions that work, which takes many requests.
    share: random.pick(stays ? [0.05, 0.15, 1] : [0.05, 0.3, 1]),
    times: stays ? null : random.pick([1, 1, 2, 3, 5]),
    after: random.pick([0, 0, random.integer(1, 30)]),
  };
  if (fault.kind === 'hang') {
    // Each one takes the whole time-out of a proxy.
    return { ...rule, share: 0.05, times: 1 };
  }
  if (fault.kind === 'limit' || fault.kind === 'lost-chunks' || (fault.kind === 'status' && fault.status === 413)) {
    // No engine refuses every query however short, or has lost every chunk: then nothing could be read at all.
    return { ...rule, share: Math.min(rule.share, 0.3) };
  }
  return rule;
}

const kinds: ReadonlyArray<Fault['kind']> = [
  'refuse',
  'reset',
  'truncate',
  'truncate',
  'hang',
  'drip',
  'status',
  'status',
  'status',
  'status',
  'page',
  'content-type',
  'stale',
  'stale',
  'empty',
  'limit',
  'warning',
  'lost-chunks',
];

const contentTypes = ['text/html', 'text/plain', 'application/octet-stream', 'application/json; charset=UTF-8'];

function createFault(random: Random, engine: EngineName): Fault {
  const kind = random.pick(kinds);
  switch (kind) {
    case 'truncate':
      return { kind, at: random.float() };
    case 'status':
      return { kind, status: random.pick(statuses), flavour: random.pick(['engine', 'engine', 'html', 'empty']) };
    case 'content-type':
      return { kind, type: random.pick(contentTypes) };
    case 'stale':
      return { kind, pick: random.float() };
    case 'warning':
      return { kind, keep: random.float() };
    case 'lost-chunks':
      // Prometheus has no chunks elsewhere.
      return engine === 'loki' ? { kind, keep: random.float() } : { kind: 'refuse' };
    case 'limit':
      // Prometheus has no such limits.
      return engine === 'loki' ? { kind, message: random.pick(limitMessages) } : { kind: 'refuse' };
    default:
      return { kind };
  }
}

/** Repetitions of a request that the client makes after what passes (`retry.ts` and `lostChunks.ts` in `src/core/upstream/`). */
const repetitions = { passing: 5, lost: 2, chunks: patientWaitsMs.length };

/** True when the faults of the schedule are over before the client gives up, so that its answers have to be exact. */
export function heals({ rules, clock, killAfter }: Schedule): boolean {
  if (killAfter !== undefined || clock !== undefined) {
    return false;
  }
  return (['loki', 'prometheus'] as const).every((engine) => {
    const own = rules.filter((rule) => rule.engine === engine && !isHarmless(rule.fault));
    const attempts = own.reduce((sum, { times }) => sum + (times ?? Infinity), 0);
    const budgets = own.map(({ fault }) => budgetOf(fault));
    return attempts <= Math.min(repetitions.passing, ...budgets);
  });
}

function isHarmless({ kind }: Fault): boolean {
  return kind === 'drip' || kind === 'content-type';
}

/** How many of these in a row a request survives. */
function budgetOf(fault: Fault): number {
  switch (fault.kind) {
    case 'reset':
    case 'empty':
      return repetitions.lost;
    case 'status':
      return [429, 500, 502, 503].includes(fault.status)
        ? repetitions.passing
        : [499, 504].includes(fault.status)
          ? repetitions.lost
          : 0;
    case 'lost-chunks':
      return repetitions.chunks;
    case 'hang':
    case 'limit':
    case 'warning':
    case 'no-records':
      return 0;
    default:
      return repetitions.passing;
  }
}

/** The engines whose sources a schedule may touch. */
export function struckEngines({ rules, killAfter }: Schedule): Set<EngineName> {
  return new Set([...rules.map(({ engine }) => engine), ...(killAfter === undefined ? [] : (['loki'] as const))]);
}
