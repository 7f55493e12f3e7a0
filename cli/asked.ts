import { type Notice } from '../src/core/completeness/notices';
import { type UsageQuery } from '../src/core/query';
import { createSession } from '../src/core/session';
import { lastOf } from './asking';
import { type Configuration } from './config/configuration';
import { ToldError } from './exit';
import { type Io } from './io';
import { isWhole, type WrittenReport } from './output/report';
import { type Progress } from './progress';
import { type NamedRange } from './range/range';
import { notOver } from './range/wording';

/** What reports are made from: all of one range, as if they were asked at the same instant. */
export interface Asked {
  configuration: Configuration;
  range: NamedRange;
  /** When it was asked, in ms since the epoch. */
  now: number;
  /** Answers a query. Throws `NoAnswer` where no source delivered anything. */
  ask(query: UsageQuery): Promise<WrittenReport>;
}

/** No source delivered anything, or the query is not valid. */
export class NoAnswer extends ToldError {}

interface Circumstances {
  configuration: Configuration;
  range: NamedRange;
  now: number;
  progress: Progress;
  io: Io;
}

/** Nothing is sent before something is asked. Questions share what is read. */
export function askedBy({ configuration, range, now, progress, io }: Circumstances): Asked {
  const { settings, zone, connections } = configuration;
  const session = createSession(settings, progress.counted(connections), io.now);
  const early = notOver(range, zone, now);
  const remarks: Notice[] = early === undefined ? [] : [{ severity: 'warning', text: early }];
  return {
    configuration,
    range,
    now,
    async ask(query) {
      const answer = await lastOf(session.answer(query, range, zone, now), io.signal, (one) => progress.update(one));
      if (answer.kind === 'failure') {
        throw new NoAnswer(answer.message);
      }
      const isComplete = early === undefined && isWhole(answer);
      return {
        query,
        range,
        zone,
        answer,
        notices: [...remarks, ...answer.notices, ...inWords(answer.remarks)],
        isComplete,
      };
    },
  };
}

/** A program has no inspector, so that it says what else is worth knowing beside the notices. */
function inWords(remarks: readonly string[]): Notice[] {
  return remarks.map((text) => ({ severity: 'info', text }));
}
