import { type SourceState } from '../completeness/model';
import { dayMs, hourMs, minuteMs } from '../domain/duration';
import { clip, gapsIn, type Span } from '../domain/span';
import { amountOf, isoTime } from '../domain/text';
import { lengthInWords, wholeDays } from './days';
import { type PrometheusEvidence } from './prometheusEvidence';
import { about, type Rule } from './rule';

/** What is known about hours of use over a range. */
export interface UsageSubject {
  /** As the samples alone say it. */
  state: SourceState;
  evidence: PrometheusEvidence;
  /** ms since the epoch. */
  now: number;
}

/** A store that begins this little after the range is not worth a word: the first scrape comes when it comes. */
const toleranceMs = 10 * minuteMs;

/** What is older than Prometheus keeps samples. */
const retention: Rule<UsageSubject> = {
  name: 'prometheus-retention',
  judge(subject) {
    const { evidence, state } = subject;
    const spans = isExpiry(subject) ? spansBeforeStore(subject) : [];
    const gone = `${wholeDays(spans)} of ${amountOf(wholeDays([state.range]), 'day')} no longer available`;
    const keeps = `Prometheus keeps samples for ${lengthInWords(evidence.retentionMs ?? 0)}`;
    return about({ effect: 'lost', kind: 'expired', spans, note: `${keeps}; ${gone}` });
  },
};

/** What is older than the store, though it would be kept. */
const notBegun: Rule<UsageSubject> = {
  name: 'prometheus-not-begun',
  judge(subject) {
    const spans = isExpiry(subject) ? [] : spansBeforeStore(subject);
    const first = isoTime(subject.evidence.oldestSample ?? 0);
    const note =
      `the first sample in Prometheus is from ${first}; nothing is known about the ${amountOf(wholeDays(spans), 'day')} before it: ` +
      'the cluster was not running yet, or its samples were not kept';
    return about({ effect: 'lost', kind: 'not-begun', spans, note });
  },
};

/** Two sources of one series: one of them is dropped, and with it some of the hours. */
const duplicates: Rule<UsageSubject> = {
  name: 'duplicate-samples',
  judge: ({ evidence: { duplicates: dropped } }) =>
    dropped > 0
      ? [
          {
            effect: 'doubt',
            note:
              `Prometheus dropped about ${amountOf(dropped, 'sample')} that arrived twice for the same time, so hours may be too low: ` +
              'look for pods or jobs that share their labels',
          },
        ]
      : [],
};

/** The rules for CPU and GPU hours, which come on top of what the samples say. */
export const usageRules: ReadonlyArray<Rule<UsageSubject>> = [retention, notBegun, duplicates];

/**
 * The beginning of the range that the store can't know. An engine that reads older samples from elsewhere says nothing
 * by its own oldest one: then there are samples long before it, and no span.
 */
function spansBeforeStore(subject: UsageSubject): Span[] {
  const { recorded = [] } = subject.state;
  return beforeStore(subject).flatMap((span) => gapsIn(span, recorded));
}

function beforeStore({ state: { range, missing, recorded = [] }, evidence, now }: UsageSubject): Span[] {
  const { retentionMs, oldestSample } = evidence;
  const firstRead = gapsIn(range, [...missing, ...recorded])[0]?.start ?? range.end;
  if (oldestSample === undefined) {
    // Whole days without a sample, no more, are known to be gone.
    const horizon = retentionMs === undefined ? -Infinity : now - retentionMs;
    return clip([{ start: range.start, end: Math.min(firstRead, horizon) }], range);
  }
  const reachesBack = oldestSample - firstRead > dayMs + hourMs;
  return reachesBack || oldestSample - range.start < toleranceMs
    ? []
    : clip([{ start: range.start, end: oldestSample }], range);
}

/** Whole blocks are dropped, so that a store which was cut begins at the end of its retention or before it. */
function isExpiry({ state, evidence: { retentionMs, oldestSample }, now }: UsageSubject): boolean {
  const horizon = now - (retentionMs ?? Infinity);
  return state.range.start < horizon && (oldestSample === undefined || oldestSample <= horizon + dayMs);
}
