import { dayMs } from '../domain/duration';
import { clip, gapsIn, lengthOf, type Span, totalLength, unionOf } from '../domain/span';
import { amountOf, isoTime } from '../domain/text';
import { type LineFamily } from '../expr/logql';
import { type Dispute } from '../records/recordArchive';
import { type LedgerView } from '../requests/ledger';
import { lengthInWords, readPartOf, wholeDays } from './days';
import { forgeryRules } from './forgeryRules';
import { endOfRun, type LokiEvidence, retentionToleranceMs } from './lokiEvidence';
import { recordedIn, recordRules } from './recordRules';
import { about, type Rule } from './rule';

/** What is known about a family of log lines over a range. */
export interface LogSubject {
  view: LedgerView;
  evidence: LokiEvidence;
  /** LogQL stream selector, for the notes. */
  selector: string;
  family: LineFamily['id'];
  /** IANA name of the zone whose days are doubted. */
  zone: string;
  /** ms since the epoch. */
  now: number;
  /** Lines may arrive this late. */
  settleDelayMs: number;
  /** Recorded days that were read from log lines, because these are no longer those that were recorded; absent: none. */
  disputes?: readonly Dispute[];
}

/** Stretches that could not be read at all. */
const unreadSpans: Rule<LogSubject> = {
  name: 'unread-spans',
  judge({ view }) {
    const reasons = [...new Set(view.missing.map(({ reason }) => reason.message))];
    return reasons.map((reason) => {
      const spans = view.missing.filter((span) => span.reason.message === reason);
      const many = spans.length > 1 ? `in ${amountOf(spans.length, 'time span')} ` : '';
      return {
        effect: 'lost',
        kind: 'unread',
        spans,
        note: `could not read logs ${many}${between(spans)}: ${reason}`,
        brief: reason,
      };
    });
  },
};

/** What is older than Loki keeps lines. A retention that Loki states but does not apply shows by older lines. */
const retention: Rule<LogSubject> = {
  name: 'retention',
  judge(subject) {
    const { span } = subject.view;
    const { retentionMs = 0 } = subject.evidence;
    const spans = expiredSpans(subject);
    const gone = `${wholeDays(spans)} of ${amountOf(wholeDays([span]), 'day')} no longer available`;
    const note = `Loki keeps lines for ${lengthInWords(retentionMs)}; ${gone}`;
    return about({ effect: 'lost', kind: 'expired', spans, note });
  },
};

/**
 * The days before the first line that Loki ever had of the selector. The counts of 0 stand, as those of a silent day do:
 * they are what Loki holds, but they do not count as covered.
 */
const notBegun: Rule<LogSubject> = {
  name: 'not-begun',
  judge(subject) {
    if (isSilent(subject) || !beginsWithoutLines(subject)) {
      return [];
    }
    const { span } = subject.view;
    const end = subject.evidence.firstLine ?? endOfRun(subject.evidence.silentDays);
    const expired = expiredSpans(subject);
    const spans = gapsIn({ start: span.start, end: Math.min(end, span.end) }, [
      ...expired,
      ...recordedIn(subject.view),
    ]);
    if (expired.length > 0 && totalLength(spans) < dayMs) {
      // What is left after the end of a retention begins with whatever line comes next.
      return [];
    }
    const note =
      `the first line in Loki is from ${isoTime(end)}; nothing is known about the ${amountOf(wholeDays(spans), 'day')} before it: ` +
      'the cluster was not running yet, or its logs were not kept';
    return about({ effect: 'uncovered', kind: 'not-begun', spans, note });
  },
};

/** Days without any line of the selector, though there are lines before: not quiet, but most likely not collected. */
const silentDays: Rule<LogSubject> = {
  name: 'silent-days',
  judge(subject) {
    if (isSilent(subject)) {
      return [];
    }
    const { view, evidence, selector } = subject;
    const begun = beginsWithoutLines(subject) ? endOfRun(evidence.silentDays) : view.span.start;
    const days = evidence.silentDays.filter(({ start }) => start >= begun);
    const unread = [...view.missing, ...expiredSpans(subject), ...recordedIn(view)];
    const note =
      `no line at all matches ${selector} on ${amountOf(days.length, 'day')} ${between(days)}: ` +
      'the cluster was off, or its logs were not collected';
    return about({ effect: 'uncovered', kind: 'silent', spans: readPartOf(days, view.span, unread), note });
  },
};

/**
 * A range without any line. The counts of 0 stand, since they are what Loki holds, but no requests, a wrong selector and
 * a shipper that never ran look alike.
 */
const silentRange: Rule<LogSubject> = {
  name: 'silent-range',
  judge(subject) {
    if (!isSilent(subject)) {
      return [];
    }
    const { view, evidence, selector } = subject;
    const spans = gapsIn(view.span, [...view.missing, ...expiredSpans(subject), ...recordedIn(view)]);
    const earlier = evidence.hasEarlier ? ', although some do in the 30 days before' : '';
    const note = `no line at all matches ${selector} in this range${earlier}, so 0 may mean "not collected"`;
    return about({ effect: 'uncovered', kind: 'silent', spans, note });
  },
};

/** The proof that a quiet day was collected could not be had. */
const unproven: Rule<LogSubject> = {
  name: 'unproven',
  judge: ({ evidence: { failure } }) =>
    failure === undefined
      ? []
      : [{ effect: 'doubt', note: `it is unknown whether lines were collected on quiet days: ${failure}` }],
};

/** Above this share of the lines of the range, requests that are not counted make it partial. */
const toleratedUnknown = 0.001;

/**
 * Lines that pass the filter and that nobody understands. How many requests they may be is known, so that a few of them are only
 * worth a word: anybody can write one.
 */
const unknownForm: Rule<LogSubject> = {
  name: 'unknown-form',
  judge({ view, family }) {
    const cells = view.cells.filter(({ unparsed }) => unparsed > 0);
    const lines = cells.reduce((sum, { unparsed }) => sum + unparsed, 0);
    if (lines === 0) {
      return [];
    }
    const of = family === 'requests' ? 'of the executions logger' : 'naming an exposed service';
    const note = `${amountOf(lines, 'line')} ${of} in an unknown format: at most ${amountOf(lines, 'request')} not counted`;
    return lines > linesOf(view) * toleratedUnknown
      ? [{ effect: 'doubt', spans: unionOf(cells), note, ofCounts: true }]
      : [{ effect: 'remark', note, ofCounts: true }];
  },
};

/** Requests by DNS name in a form that does not tell the service. */
const unreadNames: Rule<LogSubject> = {
  name: 'unread-names',
  judge({ view }) {
    const cells = view.cells.filter(({ unread = 0 }) => unread > 0);
    const lines = cells.reduce((sum, { unread = 0 }) => sum + unread, 0);
    const note =
      `${amountOf(lines, 'request')} to exposed services by DNS name not counted, because the log lines do not name the service: ` +
      'configure Traefik to write its access log as JSON (ingress-nginx does not log host names)';
    return about({ effect: 'doubt', spans: unionOf(cells), note, ofCounts: true });
  },
};

/** What Loki says about its own answers, such as that they are partial. */
const warnings: Rule<LogSubject> = {
  name: 'loki-warnings',
  judge({ view }) {
    const cells = view.cells.filter((cell) => cell.warnings && cell.warnings.length > 0);
    const texts = [...new Set(cells.flatMap((cell) => cell.warnings ?? []))];
    const note = `Loki warned: ${texts.join('; ')}`;
    return about({ effect: 'doubt', spans: unionOf(cells), note, brief: note });
  },
};

/** Lines from the future: a clock is wrong, so that the latest lines may stand in the wrong bucket. */
const linesAhead: Rule<LogSubject> = {
  name: 'lines-ahead',
  judge({ view: { span }, evidence, now, settleDelayMs }) {
    const note =
      `${amountOf(evidence.linesAhead, 'line')} with a time ahead of the clock here: ` +
      "the cluster's clock or that of this computer is wrong, and the latest counts may be wrong too";
    const recent = clip([{ start: now - settleDelayMs, end: Infinity }], span);
    return evidence.linesAhead > 0 ? about({ effect: 'doubt', spans: recent, note }) : [];
  },
};

/** The end of a range that is not over yet: worth a word, and no fault. */
const openEnd: Rule<LogSubject> = {
  name: 'open-end',
  judge({ view: { span }, now, settleDelayMs }) {
    const settled = now - settleDelayMs;
    return span.end > settled && settleDelayMs > 0
      ? [{ effect: 'remark', note: `counts after ${isoTime(settled)} may still change` }]
      : [];
  },
};

/** The rules for lines of the manager and of the ingress controller. */
export const logRules: ReadonlyArray<Rule<LogSubject>> = [
  unreadSpans,
  retention,
  notBegun,
  silentDays,
  silentRange,
  unproven,
  unknownForm,
  ...forgeryRules,
  unreadNames,
  warnings,
  linesAhead,
  openEnd,
  ...recordRules,
];

/** Lines that were counted, understood or not. */
function linesOf({ cells }: LedgerView): number {
  let lines = 0;
  for (const { counts, unparsed, unread = 0, cut = 0 } of cells) {
    lines += unparsed + unread + cut;
    for (const count of counts) {
      lines += count;
    }
  }
  return lines;
}

function expiredSpans({ view, evidence, now }: LogSubject): Span[] {
  const { retentionMs, keepsOlder } = evidence;
  if (retentionMs === undefined || keepsOlder === true) {
    return [];
  }
  const { span } = view;
  const horizon = now - retentionMs;
  const spans = horizon - span.start > retentionToleranceMs ? clip([{ start: -Infinity, end: horizon }], span) : [];
  return spans.flatMap((one) => gapsIn(one, recordedIn(view)));
}

/** True when no day of the range that was read has a line. */
function isSilent({ view, evidence, now }: LogSubject): boolean {
  const { span, missing } = view;
  const past = { start: span.start, end: Math.min(span.end, now) };
  const rest = gapsIn(past, [...evidence.silentDays, ...missing]);
  return evidence.silentDays.length > 0 && rest.every((part) => lengthOf(part) === 0);
}

function beginsWithoutLines({ view, evidence }: LogSubject): boolean {
  const first = evidence.silentDays[0];
  return first !== undefined && first.start <= view.span.start && evidence.hasEarlier === false;
}

/** `between … and …`, both ends inclusive. */
function between(spans: readonly Span[]): string {
  const start = Math.min(...spans.map((span) => span.start));
  const end = Math.max(...spans.map((span) => span.end));
  return spans.length === 0 ? '' : `between ${isoTime(start)} and ${isoTime(end - 1)}`;
}

/** First and last instant with a request, as far as the counted stretches tell; null when there is none. */
export function dataBounds({ cells }: LedgerView): { oldestData: number | null; lastData: number | null } {
  const busy = cells.filter(({ ids }) => ids.length > 0);
  const first = busy[0];
  const last = busy[busy.length - 1];
  return { oldestData: first?.start ?? null, lastData: last ? last.end - 1 : null };
}
