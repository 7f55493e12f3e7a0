import { unionOf } from '../domain/span';
import { type Suspicion } from '../domain/suspiciousLine';
import { amountOf, inGroups, isoTime } from '../domain/text';
import { type LedgerView } from '../requests/ledger';
import { daysOf, isLogged } from './days';
import { type ForgeryEvidence, type Suspects } from './forgery';
import { type LokiEvidence } from './lokiEvidence';
import { about, type Rule } from './rule';

interface ForgerySubject {
  view: LedgerView;
  evidence: LokiEvidence;
  /** IANA name of the zone whose days are doubted. */
  zone: string;
}

/**
 * Lines that end before their user. A line feed in what a caller sent does that, and what follows it is a line of its own: however
 * few they are, any line of these days may be somebody else's.
 */
const cutLines: Rule<ForgerySubject> = {
  name: 'cut-lines',
  judge({ view, evidence, zone }) {
    const cells = view.cells.filter((cell) => isLogged(cell) && (cell.cut ?? 0) > 0);
    const others = suspectsOf(evidence, 'cut');
    const lines = cells.reduce((sum, { cut = 0 }) => sum + cut, others.lines);
    const days = cells.flatMap((cell) => daysOf(cell, zone));
    const note = `${amountOf(lines, 'line')} cut short: somebody may have written lines into the log`;
    return about({ effect: 'doubt', spans: unionOf([...days, ...others.days]), note });
  },
};

/** Lines whose own time is not that of their entry. */
const otherTimes: Rule<ForgerySubject> = {
  name: 'other-times',
  judge({ evidence }) {
    const { lines, days } = suspectsOf(evidence, 'time');
    const note =
      `${amountOf(lines, 'line')} with a time more than 15 minutes from that of the log entry: ` +
      'collected late, or written into the log by somebody';
    return about({ effect: 'doubt', spans: days, note });
  },
};

/** Eight-field lines that name another service than their path does. */
const otherServices: Rule<ForgerySubject> = {
  name: 'other-services',
  judge({ evidence }) {
    const { lines, days } = suspectsOf(evidence, 'service');
    const note = `${amountOf(lines, 'line')} with a service that differs from the path, counted for that service: a caller may have written it`;
    return about({ effect: 'doubt', spans: days, note });
  },
};

/** Lines with the logger's name in another form than its own, where there is none of its own. */
const foreignLines: Rule<ForgerySubject> = {
  name: 'foreign-lines',
  judge({ evidence: { foreign } }) {
    const { lines, days } = foreign ?? { lines: 0, days: [] };
    const note =
      `on days without a request, ${amountOf(lines, 'line')} with the name of the executions logger, but without its time: ` +
      'OSCAR or the log pipeline may write a format that is unknown here';
    return about({ effect: 'doubt', spans: days, note });
  },
};

/** It could not be asked. */
const unknownForgery: Rule<ForgerySubject> = {
  name: 'unknown-forgery',
  judge: ({ evidence: { forgery } }) =>
    forgery && 'failure' in forgery
      ? [{ effect: 'doubt', note: `it is unknown whether somebody wrote lines into the log: ${forgery.failure}` }]
      : [],
};

/** A user who is nowhere else in the range, with many requests at once. Not named: the note is shown to whoever sees the panel. */
const bursts: Rule<ForgerySubject> = {
  name: 'bursts',
  judge({ evidence }) {
    const [largest, ...others] = [...(tracesOf(evidence)?.bursts ?? [])].sort((a, b) => b.requests - a.requests);
    if (!largest) {
      return [];
    }
    const { requests, start, end } = largest;
    const when = `between ${isoTime(start)} and ${isoTime(end - 1)}`;
    const more = others.length > 0 ? `; ${amountOf(others.length, 'more such user')}` : '';
    return [
      {
        effect: 'remark',
        note: `a user who does not appear in the rest of the range made ${amountOf(requests, 'request')} ${when}${more}`,
      },
    ];
  },
};

/** More calls in the manager's log than came through the ingress controller. */
const fewerCalls: Rule<ForgerySubject> = {
  name: 'fewer-calls',
  judge({ evidence }) {
    const { ingress, manager } = tracesOf(evidence)?.calls ?? { ingress: 0, manager: 0 };
    const note =
      `the ingress controller logged ${amountOf(ingress, 'call')} to /job and /run, but the manager ${inGroups(manager)} from public addresses: ` +
      'the others came another way, or somebody wrote them into the log';
    // A controller that logs none does not log such calls at all.
    return ingress > 0 && ingress < manager ? [{ effect: 'remark', note }] : [];
  },
};

/** The rules for lines that others than OSCAR may have written. */
export const forgeryRules: ReadonlyArray<Rule<ForgerySubject>> = [
  cutLines,
  otherTimes,
  otherServices,
  foreignLines,
  unknownForgery,
  bursts,
  fewerCalls,
];

function tracesOf({ forgery }: LokiEvidence): ForgeryEvidence | undefined {
  return forgery && 'suspects' in forgery ? forgery : undefined;
}

function suspectsOf(evidence: LokiEvidence, suspicion: Suspicion): Suspects {
  return tracesOf(evidence)?.suspects[suspicion] ?? { lines: 0, days: [] };
}
