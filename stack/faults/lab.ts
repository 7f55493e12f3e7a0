import { setTimeout as sleep } from 'node:timers/promises';

import { lastValueFrom, type Subscription } from 'rxjs';

import { type UsageQuery } from '../../src/core/query';
import { type Session } from '../../src/core/session';
import { ask, askTogether, rowsOfAnswer } from '../core/asking';
import { type Core, openCore } from '../core/openCore';
import { shortWaits } from '../core/shortWaits';
import { agrees } from '../demo/comparison';
import { demoReports } from '../demo/reports';
import { type Engine } from '../engines';
import { type Proxy } from '../proxy/proxy';
import { type Range, type Truth } from '../traffic';
import { judgeCoverage } from './coverage';
import { engineOf } from './dependencies';
import { type Fault } from './fault';
import { hangMs, openFaultProxy, type Question } from './faultProxy';
import { judgeHours } from './hours';
import { differences, flaggedIn, judge } from './judge';
import { allTargets, answersOf, nameOf, type ReportAnswer } from './reports';
import { askedAfterMs, type Expected, openScenery, type Scenery } from './scenery';
import { heals, type Schedule, struckEngines } from './schedule';
import { createStriker } from './striker';

export interface LabOptions {
  loki: Engine;
  prometheusUrl: string;
  truth: Truth;
  range: Range;
  /** Brings Loki back on the same port, with the same data. */
  restartLoki: (killed: Engine) => Promise<Engine>;
  /** Starts a Loki without logs, for usage records that outlived theirs. */
  startRecordsLoki: () => Promise<Engine>;
}

/** How one schedule ended. */
export interface Outcome {
  /** What is wrong, as sentences; empty when the schedule passed. */
  problems: string[];
  requests: number;
  /** Requests that a fault struck. */
  struck: number;
  /** True when some answer said that it is not whole. */
  flagged: boolean;
  healing: boolean;
}

export interface Lab {
  /** Kinds of answers that are compared. */
  readonly reports: readonly string[];
  run(schedule: Schedule): Promise<Outcome>;
  close(): Promise<void>;
}

/** What counts as quick is shorter than what a hanging request takes, and longer than an engine needs on any machine. */
const quickMs = hangMs / 2;

/** What begins after the end of a query would show within this time. */
const quietMs = 60;

/** A time after which no answer is shared any more (`src/core/upstream/sharing.ts`). */
const laterMs = 10_000;

/** A jump of the clock at which the answers of a schedule are shared no more: a clock that jumped may stand at any time. */
function afterwards({ clock }: Schedule): number {
  const jumpedMs = clock?.byMs ?? 0;
  return Math.abs(laterMs - jumpedMs) < laterMs / 2 ? jumpedMs + laterMs : laterMs;
}

const realNow = Date.now;
const realPerformanceNow = performance.now.bind(performance);

/** What the requests of this schedule that hung took, in ms. */
let hungMs = 0;

function pass(ms: number): void {
  hungMs += ms;
}

/**
 * Opens the lab: the core behind two proxies, and the answers of all reports without any fault, which have to agree with
 * the truth. Throws an `Error` that names the figures which do not.
 */
export async function openLab(options: LabOptions): Promise<Lab> {
  const { truth, range, prometheusUrl } = options;
  let { loki } = options;
  let recordsLoki: Engine | undefined;
  let scenes: Scenery | undefined;
  let lokiUrl = () => loki.url;
  let strike: (question: Question) => Fault | undefined = () => undefined;
  const strikeNow = (question: Question) => strike(question);
  const proxies: Record<'loki' | 'prometheus', Proxy> = {
    loki: await openFaultProxy('loki', () => lokiUrl(), strikeNow, pass),
    prometheus: await openFaultProxy('prometheus', () => prometheusUrl, strikeNow, pass),
  };
  const core = openCore({
    lokiUrl: proxies.loki.url,
    prometheusUrl: proxies.prometheus.url,
    retryPolicy: { ...shortWaits, quickMs },
  });
  performance.now = () => realPerformanceNow() + hungMs;
  const { targets, baseline } = await trueAnswers(core, truth, range);
  const usually: Expected = { figures: baseline, usual: baseline, options: {} };

  async function askAll(session: Session): Promise<ReportAnswer[]> {
    return answersOf(targets, await lastValueFrom(askTogether(session, targets, range)));
  }

  /** Asks, and goes away when so many requests have been sent. */
  async function leave(session: Session, isTime: () => boolean): Promise<void> {
    let done = false;
    const subscription: Subscription = askTogether(session, targets, range).subscribe({
      complete: () => (done = true),
    });
    while (!done && !isTime()) {
      await sleep(1);
    }
    subscription.unsubscribe();
  }

  /** What a schedule has to end with; from here on the clock and Loki are those of its scene. */
  async function expectedOf({ records }: Schedule): Promise<Expected> {
    if (!records) {
      return usually;
    }
    startClock(range.to + askedAfterMs({ areLogsGone: false }) - realNow());
    recordsLoki ??= await options.startRecordsLoki();
    scenes ??= await openScenery({
      ...{ core, range, baseline, askAll, lokiUrl: loki.url },
      recordsLokiUrl: recordsLoki.url,
    });
    const { recordsLokiUrl } = scenes;
    startClock(range.to + askedAfterMs(records) - realNow());
    lokiUrl = records.areLogsGone ? () => recordsLokiUrl : () => loki.url;
    return scenes.expected(records);
  }

  async function run(schedule: Schedule): Promise<Outcome> {
    try {
      return await runIn(schedule, await expectedOf(schedule));
    } finally {
      strike = () => undefined;
      lokiUrl = () => loki.url;
      startClock(0);
      hungMs = 0;
    }
  }

  async function runIn(schedule: Schedule, expected: Expected): Promise<Outcome> {
    const striker = createStriker(schedule);
    const session = core.open(expected.options);
    let requests = 0;
    let struck = 0;
    let killed: Promise<void> | undefined;
    core.log.reset();
    strike = (question) => {
      requests += 1;
      if (schedule.clock && requests > schedule.clock.after) {
        setClock(schedule.clock.byMs);
      }
      if (schedule.killAfter !== undefined && requests > schedule.killAfter) {
        killed ??= loki.kill();
      }
      const fault = striker(question);
      struck += fault ? 1 : 0;
      return fault;
    };
    let answers: ReportAnswer[] = [];
    if (schedule.leaveAfter === undefined) {
      answers = await askAll(session);
    } else {
      const { leaveAfter } = schedule;
      await leave(session, () => requests >= leaveAfter);
    }
    const problems = [...judgeAll(schedule, expected, answers), ...(await restlessness())];
    if (schedule.records?.areLogsGone === false) {
      problems.push(...((await scenes?.judgeRecording(schedule.number)) ?? []));
    }
    if (killed) {
      await killed;
      loki = await options.restartLoki(loki);
    }
    return {
      problems: [...problems, ...(await judgeRecovery(session, schedule, expected))],
      requests,
      struck,
      flagged: answers.some((answer, index) => isFlagged(expected.figures[index], answer)),
      healing: heals(schedule),
    };
  }

  function judgeAll(schedule: Schedule, { figures, usual }: Expected, answers: readonly ReportAnswer[]): string[] {
    const engines = struckEngines(schedule);
    const mayFail = (source: string) => {
      const engine = engineOf(source);
      // The inventory is of now, whenever that is.
      return (
        (engine !== undefined && engines.has(engine)) ||
        (schedule.clock !== undefined && engine === 'prometheus') ||
        (schedule.records?.areLogsGone === true && engine === 'loki')
      );
    };
    const isDoubtful = schedule.rules.some(
      ({ engine, fault }) => engine === 'loki' && ['warning', 'lost-chunks'].includes(fault.kind)
    );
    return answers.flatMap((answer, index) => {
      return [
        ...judge(figures[index] as ReportAnswer, answer, mayFail),
        ...judgeCoverage(answer, truth, range, isDoubtful),
        ...judgeHours(answer, truth, range),
        ...(heals(schedule)
          ? differences(usual[index] as ReportAnswer, answer).map((problem) => `did not recover: ${problem}`)
          : []),
      ];
    });
  }

  /** After the faults the same session must be exact again: no wrong answer may have been kept. */
  async function judgeRecovery(session: Session, schedule: Schedule, expected: Expected): Promise<string[]> {
    const { usual, options: sessionOptions } = expected;
    strike = () => undefined;
    setClock(afterwards(schedule));
    // A Loki that has neither records nor logs yet is believed, and flagged: what it has got since is read by who opens the page anew.
    const isBelieved = schedule.records?.areLogsGone && schedule.rules.some(({ fault }) => fault.kind === 'no-records');
    const answers = await askAll(isBelieved ? core.open(sessionOptions) : session);
    return answers.flatMap((answer, index) =>
      differences(usual[index] as ReportAnswer, answer).map((problem) => `afterwards: ${problem}`)
    );
  }

  /** Requests that go on after the end of the query, or that begin then. */
  async function restlessness(): Promise<string[]> {
    // What has a status may have arrived whole at this very moment.
    const underWay = core.log.requests.filter(({ outcome, status }) => outcome === 'pending' && status === undefined);
    const before = core.log.requests.length;
    while (core.log.inFlight > 0) {
      await sleep(1);
    }
    await sleep(quietMs);
    const late = core.log.requests.length - before;
    const left = underWay.filter(({ outcome }) => outcome !== 'aborted').length;
    return [
      ...(left > 0 ? [`${left} requests went on after the end`] : []),
      ...(late > 0 ? [`${late} requests began after the end`] : []),
    ];
  }

  return {
    reports: targets.map(nameOf),
    run,
    async close() {
      startClock(0);
      performance.now = realPerformanceNow;
      await Promise.all(Object.values(proxies).map((proxy) => proxy.close()));
    },
  };
}

function isFlagged(expected: ReportAnswer | undefined, answer: ReportAnswer): boolean {
  return !answer.result || !expected?.result || flaggedIn(expected.result, answer.result).length > 0;
}

/** How far the clock of a schedule is from the real one when it begins, in ms. */
let clockMs = 0;

function startClock(byMs: number): void {
  clockMs = byMs;
  setClock(0);
}

/** Moves the clock from where it began. */
function setClock(byMs: number): void {
  const distance = clockMs + byMs;
  Date.now = distance === 0 ? realNow : () => realNow() + distance;
}

/** The answers without any fault, for the query types that the plugin knows. */
async function trueAnswers(core: Core, truth: Truth, range: Range) {
  const session = core.open();
  for (const { title, target, compare } of demoReports) {
    const answer = await ask(session, target, range);
    // Hours come from samples: their distance from the truth is not the faults'.
    const figures = compare(rowsOfAnswer(answer), truth, range).filter(({ tolerance }) => tolerance === 0);
    const wrong = figures.filter((figure) => !agrees(figure));
    if (wrong.length > 0) {
      throw new Error(`${title} is wrong without any fault: ${JSON.stringify(wrong)}`);
    }
  }
  const known: Array<{ target: UsageQuery; answer: ReportAnswer }> = [];
  for (const target of allTargets) {
    const [answer] = answersOf([target], await lastValueFrom(askTogether(session, [target], range)));
    if (answer?.result) {
      const wrong = judgeHours(answer, truth, range);
      if (wrong.length > 0) {
        throw new Error(`CPU hours are wrong without any fault: ${wrong.join('; ')}`);
      }
      known.push({ target, answer });
    } else if (!/not supported/.test(answer?.error ?? '')) {
      throw new Error(`${nameOf(target)} fails without any fault: ${answer?.error}`);
    }
  }
  return { targets: known.map(({ target }) => target), baseline: known.map(({ answer }) => answer) };
}
