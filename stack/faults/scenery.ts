import { lastValueFrom } from 'rxjs';

import { dayMs, hourMs } from '../../src/core/domain/duration';
import { type UsageOptions } from '../../src/core/options';
import { differencesOf } from '../../src/core/records/compare';
import {
  type Day,
  dayAt,
  type DayRecord,
  isComplete,
  recordFamilies,
  spanOfDay,
} from '../../src/core/records/dayRecord';
import { type Session } from '../../src/core/session';
import { type Countable, recordDay } from '../../src/core/sources/recordDay';
import { type Core } from '../core/openCore';
import { writeScenes } from '../records/scenes';
import { type Range } from '../traffic';
import { engineOf } from './dependencies';
import { differences, judge } from './judge';
import { type ReportAnswer } from './reports';
import { type RecordScene } from './schedule';

export interface SceneryOptions {
  /** Asks Loki and Prometheus, without any fault so far. */
  core: Core;
  /** Base address of the Loki that has the logs, and of one that has none. */
  lokiUrl: string;
  recordsLokiUrl: string;
  /** Whole days of UTC. */
  range: Range;
  /** What all reports answer now. */
  baseline: readonly ReportAnswer[];
  askAll: (session: Session) => Promise<ReportAnswer[]>;
}

/** What a schedule has to end with. */
export interface Expected {
  /** Of sessions. */
  options: UsageOptions;
  /** The true figures. */
  figures: readonly ReportAnswer[];
  /** The answers without any fault, which may be flagged where logs and records are gone. */
  usual: readonly ReportAnswer[];
}

/** Usage records of the days of the lab, whole and tampered with. */
export interface Scenery {
  recordsLokiUrl: string;
  /** Loki and the clock must be those of the scene. Throws an `Error` where the answers without any fault are not what they should be. */
  expected(scene: RecordScene): Promise<Expected>;
  /** Records a day, chosen by a number, and says what is silently wrong in what would be written. */
  judgeRecording(number: number): Promise<string[]>;
}

/** After the end of the days, when they are settled and their lines are compared with their records. */
const soonMs = 1.5 * dayMs;

/** When nobody compares them any more, as no retention is shorter. */
const laterMs = 9 * dayMs;

/** How long after the end of the days reports are asked for, in ms. */
export function askedAfterMs({ areLogsGone }: Pick<RecordScene, 'areLogsGone'>): number {
  return areLogsGone ? laterMs : soonMs;
}

const recordedAfterMs = 6 * hourMs;

/**
 * Records the days, and writes what each tampering leaves of them into both Lokis. The clock must be `askedAfterMs` after the end of the
 * days. Throws an `Error` where a day is not complete, or a figure is another one than at another time.
 */
export async function openScenery(options: SceneryOptions): Promise<Scenery> {
  const { core, lokiUrl, recordsLokiUrl, range, baseline, askAll } = options;
  const days = Array.from({ length: Math.round((range.to - range.from) / dayMs) }, (_, index) =>
    dayAt(range.from + index * dayMs)
  );
  const counted = new Map<string, DayRecord>();
  for (const day of days) {
    for (const { family, record, state } of await countDay(core, day)) {
      requireNothing(record && !isComplete(record) ? state.notes : [], `the record of ${family} of ${day}`);
      if (record) {
        counted.set(`${day} ${family}`, record);
      }
    }
  }
  const recordedAt = range.to + recordedAfterMs;
  const originals = Array.from(counted, ([key, record]) => ({ record, day: key.slice(0, 10), recordedAt }));
  const withLogs = await writeScenes(lokiUrl, originals);
  const withoutLogs = await writeScenes(recordsLokiUrl, originals);
  const figures = await askAll(core.open({ recordsSelector: '' }));
  // The inventory is of now.
  const ofNow = judgeEach(baseline, figures, (source) => source === 'service-inventory');
  requireNothing(ofNow, 'what was asked for at another time');
  const known = new Map<string, Expected>();

  return {
    recordsLokiUrl,
    async expected(scene) {
      const { tampering, areLogsGone } = scene;
      const name = JSON.stringify(scene);
      const own = (areLogsGone ? withoutLogs : withLogs)[tampering];
      const usual = known.get(name)?.usual ?? (await askAll(core.open(own)));
      const mustBeExact = !areLogsGone || harmless.has(tampering);
      const problems = mustBeExact
        ? usual.flatMap((answer, index) => differences(figures[index] as ReportAnswer, answer))
        : judgeEach(figures, usual, (source) => engineOf(source) === 'loki');
      requireNothing(problems, name);
      const expected = { options: own, figures, usual };
      known.set(name, expected);
      return expected;
    },
    async judgeRecording(number) {
      const day = days[number % days.length] as Day;
      const found = await countDay(core, day);
      return found.flatMap(({ family, record }) => {
        const truth = counted.get(`${day} ${family}`);
        const span = spanOfDay(day);
        if (!record || !isComplete(record) || !truth || !span) {
          return [];
        }
        const wrong = differencesOf(truth, record, span);
        return wrong.map((problem) => `SILENTLY WRONG: the record of ${family} of ${day}: ${problem}`);
      });
    },
  };
}

/** After these, records alone give what the logs gave. */
const harmless: ReadonlySet<string> = new Set(['none', 'written-twice', 'forged']);

function judgeEach(
  truth: readonly ReportAnswer[],
  answers: readonly ReportAnswer[],
  mayFail: (source: string) => boolean
): string[] {
  return answers.flatMap((answer, index) => judge(truth[index] as ReportAnswer, answer, mayFail));
}

function requireNothing(problems: readonly string[], what: string): void {
  if (problems.length > 0) {
    throw new Error(`${what}: wrong without any fault: ${problems.slice(0, 8).join('; ')}`);
  }
}

function countDay(core: Core, day: Day): Promise<Countable[]> {
  const { settings, upstreams } = core.counting();
  const asked = { day, families: recordFamilies, users: { mode: 'plain' }, settings, now: Date.now() } as const;
  return lastValueFrom(recordDay(asked, upstreams));
}
