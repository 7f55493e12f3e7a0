import { forkJoin, map, type Observable, of, switchMap } from 'rxjs';

import { degrade, type SourceState, stateOfFindings, stateOfSpans, unconfiguredState } from '../completeness/model';
import { dayMs, minuteMs } from '../domain/duration';
import { type SourceName } from '../domain/sources';
import { type Span, totalLength } from '../domain/span';
import { attributionRules } from '../evidence/attributionRules';
import { dataBounds, logRules } from '../evidence/logRules';
import { type LokiEvidence } from '../evidence/lokiEvidence';
import { nameRules } from '../evidence/nameRules';
import { judgeAll } from '../evidence/rule';
import { exposedFamily, type LineFamily, requestFamily } from '../expr/logql';
import { countKeys, withoutRejected } from '../requests/counting';
import { type Ledger, type LedgerRequest, type LedgerView } from '../requests/ledger';
import { type SeenView } from '../requests/seenTimes';
import { pageTurns } from '../runtime/turns';
import { lineOptionsOf, type Settings } from '../settings';
import { type LokiClient } from '../upstream/loki';
import { type GatherRequest, guarded, type Part, readableSpan, type SeenBySpan } from './source';
import { type Upstreams } from './upstreams';

/** Lines may carry a time a little ahead of the clock here; nothing is read beyond that. */
const clockSkewMs = 600_000;

export function requestLogs(request: GatherRequest, upstreams: Upstreams): Observable<Part> {
  return guarded(['request-logs', 'country-attribution'], request, () => {
    const { settings } = request;
    const { ledgers, loki } = upstreams;
    const client = loki('request-logs');
    const ledger$ = ledgers.requests(client, settings.requestSelector, lineOptionsOf(settings));
    const family = requestFamily(settings.requestSelector, lineOptionsOf(settings));
    return read('request-logs', ledger$, family, client, request, upstreams).pipe(
      switchMap(({ view, state, seen }) =>
        attributionState(state, view, settings).pipe(
          map((ofCountries) => ({
            values: { requests: view, requestsSeen: seen },
            states: [state, ofCountries],
            failed: hasFailed(view),
            loading: view.loading,
          }))
        )
      )
    );
  });
}

export function exposedLogs(request: GatherRequest, upstreams: Upstreams): Observable<Part> {
  const { settings, now, range } = request;
  if (settings.exposedSelector === '') {
    return of({ values: {}, states: [unconfiguredState('exposed-request-logs', range, now)], failed: false });
  }
  return guarded(['exposed-request-logs'], request, () => {
    const client = upstreams.loki('exposed-request-logs');
    const ledger$ = upstreams.ledgers.exposed(client, settings.exposedSelector, lineOptionsOf(settings));
    const family = exposedFamily(settings.exposedSelector, lineOptionsOf(settings));
    return read('exposed-request-logs', ledger$, family, client, request, upstreams).pipe(
      map(({ view, state, seen }) => ({
        values: { exposed: view, exposedSeen: seen },
        states: [state],
        failed: hasFailed(view),
        loading: view.loading,
      }))
    );
  });
}

/** True when nothing at all could be read. */
function hasFailed({ cells, missing, loading }: LedgerView): boolean {
  return !loading && cells.length === 0 && missing.length > 0;
}

/** State of a source that is still being read: what was not read yet is missing. */
function loadingState(source: SourceName, { span, missing, cells }: LedgerView, now: number): SourceState {
  const note = `still loading: ${daysOf(cells)} of ${daysOf([span])} days read`;
  return { ...stateOfSpans(source, span, missing, [note], now), unread: 'still loading' };
}

function daysOf(spans: readonly Span[]): string {
  const days = totalLength(spans) / dayMs;
  return String(Math.floor(days * 10) / 10);
}

/** What is asked of a ledger: nothing but what shapes the answer, so that panels share it. */
function ledgerRequest(request: GatherRequest): LedgerRequest {
  const { zone, granularity, readAgain } = request;
  return { span: readableSpan(request, clockSkewMs), zone, granularity, readAgain };
}

/** A view with the state of its source, and the times that the report asks for. */
function read(
  source: SourceName,
  ledger$: Observable<Ledger>,
  family: LineFamily,
  client: LokiClient,
  request: GatherRequest,
  upstreams: Upstreams
): Observable<{ view: LedgerView; state: SourceState; seen?: SeenBySpan }> {
  return ledger$.pipe(
    switchMap((ledger) =>
      viewOf(source, ledger, request).pipe(
        switchMap((view) =>
          view.loading
            ? of({ view, state: loadingState(source, view, request.now), times: undefined })
            : forkJoin({
                view: of(view),
                state: stateOfView(source, view, family, client, request, upstreams),
                times: request.needs.times ? seenIn(source, ledger, view, request) : of(undefined),
              })
        )
      )
    ),
    map(({ view, state, times }) => ({
      view,
      seen: times?.bySpan,
      state: (times?.problems ?? []).reduce(
        (doubted, problem) => degrade(doubted, `some times of first and last use could not be read: ${problem}`),
        state
      ),
    }))
  );
}

function viewOf(source: SourceName, ledger: Ledger, request: GatherRequest): Observable<LedgerView> {
  const { round, zone, granularity } = request;
  return round.views.get(JSON.stringify([source, zone, granularity]), () => ledger.view(ledgerRequest(request)));
}

function seenIn(source: SourceName, ledger: Ledger, view: LedgerView, request: GatherRequest): Observable<SeenView> {
  const { round, zone, granularity, spans, readAgain } = request;
  return round.seen
    .get(JSON.stringify([source, zone, granularity, spans]), () => ledger.seen(view, spans, readAgain))
    .pipe(map((seen) => ({ ...seen, bySpan: bySpansOf(spans, seen) })));
}

/** The spans of two reports are equal, but not the same objects. */
function bySpansOf(spans: readonly Span[], { bySpan }: SeenView): SeenBySpan {
  const times = [...bySpan.values()];
  return new Map(spans.map((span, index) => [span, times[index] ?? new Map()]));
}

/** The state of a source, concluded from the counts and from what Loki says beside them. */
function stateOfView(
  source: SourceName,
  view: LedgerView,
  family: LineFamily,
  client: LokiClient,
  { zone, granularity, now, settings, readAgain, needs, round }: GatherRequest,
  { lokiWitness, records }: Upstreams
): Observable<SourceState> {
  const settleDelayMs = settings.settleDelayMinutes * minuteMs;
  const evidence$: Observable<LokiEvidence> = hasFailed(view)
    ? of({ silentDays: [], linesAhead: 0, examples: [] })
    : round.lokiEvidence.get(JSON.stringify([source, zone, granularity, needs.examples === true]), () =>
        lokiWitness.ask(readAgain ? client.fresh() : client, {
          family,
          view,
          zone,
          now,
          settleDelayMs,
          ingressSelector: settings.exposedSelector,
          readAgain,
          examples: needs.examples,
        })
      );
  return evidence$.pipe(
    map((evidence) => {
      const disputes = records?.archive.disputesIn(family.id, view.span);
      const subject = {
        ...{ view, evidence, selector: family.selector, family: family.id, zone, now, settleDelayMs },
        disputes,
      };
      const findings = [...judgeAll(logRules, subject), ...judgeAll(nameRules, view)];
      return {
        ...stateOfFindings(source, view.span, findings, now),
        ...dataBounds(view),
        examples: evidence.examples,
      };
    })
  );
}

/**
 * Countries come from labels of the request lines, so that what the lines lack, the countries lack too. A turn of its own,
 * because it counts all requests of the range, which the panels share.
 */
function attributionState(
  stateOfLines: SourceState,
  view: LedgerView,
  { rejectedRequests, attributionThreshold }: Settings
): Observable<SourceState> {
  if (view.loading) {
    return of({ ...stateOfLines, source: 'country-attribution' });
  }
  const { findings = [], range, lastUpdated } = stateOfLines;
  const ofLines = findings.filter(({ effect }) => effect !== 'remark');
  return pageTurns.run(function* () {
    const keys = countKeys(view, view.span, undefined);
    const counted = rejectedRequests === 'count' ? keys : withoutRejected(keys);
    const ofCountries = judgeAll(attributionRules, { keys: counted, thresholdPercent: attributionThreshold });
    return {
      ...stateOfFindings('country-attribution', range, [...ofLines, ...ofCountries], lastUpdated),
      ...dataBounds(view),
    };
  });
}
