import { setTimeout as sleep } from 'node:timers/promises';

import { type DataFrame } from '@grafana/data';
import { type Subscription, toArray } from 'rxjs';

import { agrees } from '../demo/comparison';
import { demoReports } from '../demo/reports';
import { rowsOf } from '../demo/rows';
import { type Engine } from '../engines';
import { createHost, type Host, shortenWaits } from '../host';
import { type Proxy } from '../proxy/proxy';
import { type Range, type Truth } from '../traffic';
import { judgeCoverage } from './coverage';
import { engineOf } from './dependencies';
import { type Fault } from './fault';
import { hangMs, openFaultProxy, type Question } from './faultProxy';
import { judgeHours } from './hours';
import { differences, flaggedIn, judge } from './judge';
import { allTargets, answersOf, nameOf, type ReportAnswer, type Target } from './reports';
import { heals, type Schedule, struckEngines } from './schedule';
import { createStriker } from './striker';

export interface LabOptions {
  loki: Engine;
  prometheusUrl: string;
  truth: Truth;
  range: Range;
  /** Brings Loki back on the same port, with the same data. */
  restartLoki: (killed: Engine) => Promise<Engine>;
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
 * Opens the lab: the host behind two proxies, and the answers of all reports without any fault, which have to agree with
 * the truth. Throws an `Error` that names the figures which do not.
 */
export async function openLab(options: LabOptions): Promise<Lab> {
  const { truth, range, prometheusUrl } = options;
  let { loki } = options;
  let strike: (question: Question) => Fault | undefined = () => undefined;
  const strikeNow = (question: Question) => strike(question);
  const proxies: Record<'loki' | 'prometheus', Proxy> = {
    loki: await openFaultProxy('loki', () => loki.url, strikeNow, pass),
    prometheus: await openFaultProxy('prometheus', () => prometheusUrl, strikeNow, pass),
  };
  const host = await createHost({ lokiUrl: proxies.loki.url, prometheusUrl: proxies.prometheus.url });
  shortenWaits(host, { quickMs });
  performance.now = () => realPerformanceNow() + hungMs;
  const over = { from: range.from, to: range.to - 1, timezone: 'utc' };
  const { targets, baseline } = await trueAnswers(host, truth, range);

  async function ask(dataSource: ReturnType<Host['createDataSource']>): Promise<ReportAnswer[]> {
    return answersOf(targets, await host.queryOnce(dataSource, targets, over));
  }

  /** Asks, and goes away when so many requests have been sent. */
  async function leave(dataSource: ReturnType<Host['createDataSource']>, isTime: () => boolean): Promise<void> {
    let done = false;
    const subscription: Subscription = host
      .query(dataSource, targets, over)
      .pipe(toArray())
      .subscribe({ complete: () => (done = true) });
    while (!done && !isTime()) {
      await sleep(1);
    }
    subscription.unsubscribe();
  }

  async function run(schedule: Schedule): Promise<Outcome> {
    const striker = createStriker(schedule);
    const dataSource = host.createDataSource();
    let requests = 0;
    let struck = 0;
    let killed: Promise<void> | undefined;
    host.resetRequests();
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
    try {
      let answers: ReportAnswer[] = [];
      if (schedule.leaveAfter === undefined) {
        answers = await ask(dataSource);
      } else {
        const { leaveAfter } = schedule;
        await leave(dataSource, () => requests >= leaveAfter);
      }
      const problems = [...judgeAll(schedule, answers), ...(await restlessness())];
      if (killed) {
        await killed;
        loki = await options.restartLoki(loki);
      }
      return {
        problems: [...problems, ...(await judgeRecovery(dataSource, schedule))],
        requests,
        struck,
        flagged: answers.some((answer, index) => isFlagged(baseline[index], answer)),
        healing: heals(schedule),
      };
    } finally {
      strike = () => undefined;
      setClock(0);
      hungMs = 0;
    }
  }

  function judgeAll(schedule: Schedule, answers: readonly ReportAnswer[]): string[] {
    const engines = struckEngines(schedule);
    const mayFail = (source: string) => {
      const engine = engineOf(source);
      // The inventory is of now, whenever that is.
      return (engine !== undefined && engines.has(engine)) || (schedule.clock !== undefined && engine === 'prometheus');
    };
    const isDoubtful = schedule.rules.some(
      ({ engine, fault }) => engine === 'loki' && ['warning', 'lost-chunks'].includes(fault.kind)
    );
    return answers.flatMap((answer, index) => {
      const expected = baseline[index] as ReportAnswer;
      return [
        ...judge(expected, answer, mayFail),
        ...judgeCoverage(answer, truth, range, isDoubtful),
        ...judgeHours(answer, truth, range),
        ...(heals(schedule) ? differences(expected, answer).map((problem) => `did not recover: ${problem}`) : []),
      ];
    });
  }

  /** After the faults the same data source must be exact again: no wrong answer may have been kept. */
  async function judgeRecovery(
    dataSource: ReturnType<Host['createDataSource']>,
    schedule: Schedule
  ): Promise<string[]> {
    strike = () => undefined;
    setClock(afterwards(schedule));
    const answers = await ask(dataSource);
    return answers.flatMap((answer, index) =>
      differences(baseline[index] as ReportAnswer, answer).map((problem) => `afterwards: ${problem}`)
    );
  }

  /** Requests that go on after the end of the query, or that begin then. */
  async function restlessness(): Promise<string[]> {
    // What has no status yet can be called back.
    const underWay = host.requests.filter(({ outcome, status }) => outcome === 'pending' && status === undefined);
    const before = host.requests.length;
    while (host.inFlight > 0) {
      await sleep(1);
    }
    await sleep(quietMs);
    const late = host.requests.length - before;
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
      setClock(0);
      performance.now = realPerformanceNow;
      await Promise.all(Object.values(proxies).map((proxy) => proxy.close()));
    },
  };
}

function isFlagged(expected: ReportAnswer | undefined, answer: ReportAnswer): boolean {
  return !answer.frame || !expected?.frame || flaggedIn(expected.frame, answer.frame).length > 0;
}

function setClock(byMs: number): void {
  Date.now = byMs === 0 ? realNow : () => realNow() + byMs;
}

/** The answers without any fault, for the query types that the plugin knows. */
async function trueAnswers(host: Host, truth: Truth, range: Range) {
  const over = { from: range.from, to: range.to - 1, timezone: 'utc' };
  const dataSource = host.createDataSource();
  for (const { title, target, compare } of demoReports) {
    const query = { ...target, refId: 'A' };
    const { response } = await host.queryOnce(dataSource, query, over);
    const frame = response.data[0] as DataFrame | undefined;
    // Hours come from samples: their distance from the truth is not the faults'.
    const figures = compare(frame ? rowsOf(frame) : [], truth, range).filter(({ tolerance }) => tolerance === 0);
    const wrong = figures.filter((figure) => !agrees(figure));
    if (wrong.length > 0) {
      throw new Error(`${title} is wrong without any fault: ${JSON.stringify(wrong)}`);
    }
  }
  const known: Array<{ target: Target; answer: ReportAnswer }> = [];
  for (const target of allTargets()) {
    const [answer] = answersOf([target], await host.queryOnce(dataSource, target, over));
    if (answer?.frame) {
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
