import { catchError, map, type Observable, of, switchMap } from 'rxjs';

import { degrade, missingState, type SourceState, stateOfSpans } from '../completeness/model';
import { unknownCountry } from '../domain/countries';
import { type SourceName } from '../domain/sources';
import { type Span } from '../domain/span';
import { attributionPercent, countKeys } from '../ledger/counting';
import { type LedgerRequest, type LedgerView } from '../ledger/ledger';
import { type MissingSpan } from '../ledger/loader';
import { lokiClient } from '../upstream/dataSources';
import { toUpstreamError } from '../upstream/errors';
import { type LokiClient } from '../upstream/loki';
import { type GatherRequest, guarded, type Part, readableSpan, type Upstreams } from './source';

/** Lines may carry a time a little ahead of the clock here; nothing is read beyond that. */
const clockSkewMs = 600_000;

/** Length of one look into Loki's index: below its default limit of 30 days. */
const longestIndexQueryMs = 30 * 24 * 3_600_000;

/** Below this share of requests with a country, the attribution is not whole (mission, SC-003). */
const wholeAttribution = 0.95;

export function requestLogs(request: GatherRequest, { ledgers, transport }: Upstreams): Observable<Part> {
  return guarded(['request-logs', 'country-attribution'], request, () => {
    const { settings, now } = request;
    const client = lokiClient(transport, settings.lokiUid);
    const view$ = ledgers.requests(
      client,
      settings.requestSelector,
      settings.servicesNamespace,
      ledgerRequest(request)
    );
    return withState('request-logs', view$, client, settings.requestSelector, now).pipe(
      map(({ view, state }) => ({
        values: { requests: view },
        states: [state, attributionState(state, view)],
        failed: hasFailed(view),
      }))
    );
  });
}

export function exposedLogs(request: GatherRequest, { ledgers, transport }: Upstreams): Observable<Part> {
  const { settings, now, range } = request;
  if (settings.exposedSelector === '') {
    const note = 'not collected: the option exposedSelector is empty';
    return of({ values: {}, states: [missingState('exposed-request-logs', range, note, now)], failed: false });
  }
  return guarded(['exposed-request-logs'], request, () => {
    const client = lokiClient(transport, settings.lokiUid);
    const view$ = ledgers.exposed(client, settings.exposedSelector, ledgerRequest(request));
    return withState('exposed-request-logs', view$, client, settings.exposedSelector, now).pipe(
      map(({ view, state }) => ({ values: { exposed: view }, states: [state], failed: hasFailed(view) }))
    );
  });
}

/** True when nothing at all could be read. */
function hasFailed({ cells, missing }: LedgerView): boolean {
  return cells.length === 0 && missing.length > 0;
}

/** What is asked of a ledger: nothing but what shapes the answer, so that panels share it. */
function ledgerRequest(request: GatherRequest): LedgerRequest {
  const { zone, granularity, readAgain } = request;
  return { span: readableSpan(request, clockSkewMs), zone, granularity, readAgain };
}

/** A view with the state of its source. */
function withState(
  source: SourceName,
  view$: Observable<LedgerView>,
  client: LokiClient,
  selector: string,
  now: number
): Observable<{ view: LedgerView; state: SourceState }> {
  return view$.pipe(
    switchMap((view) => {
      const state = stateOfCells(source, view, now);
      const isQuiet = state.status === 'ok' && view.cells.every((cell) => cell.ids.length === 0);
      return (isQuiet ? provenQuiet(state, view.span, client, selector) : of(state)).pipe(
        map((proven) => ({ view, state: proven }))
      );
    })
  );
}

/** No requests, a wrong selector and a shipper that never ran look alike; the streams tell them apart. */
function provenQuiet(state: SourceState, span: Span, client: LokiClient, selector: string): Observable<SourceState> {
  return client.hasStreams(selector, span.start, span.end, longestIndexQueryMs).pipe(
    map((found) =>
      found ? state : degrade(state, `Loki has no line at all of ${selector} here, so that 0 may mean "not collected"`)
    ),
    catchError((error: unknown) =>
      of(degrade(state, `it is not known whether lines were collected: ${toUpstreamError(error).message}`))
    )
  );
}

function stateOfCells(source: SourceName, view: LedgerView, now: number): SourceState {
  const unparsed = view.cells.reduce((sum, cell) => sum + cell.unparsed, 0);
  const notes = notesOfMissing(view.missing);
  const state = stateOfSpans(source, view.span, view.missing, notes, now);
  if (unparsed === 0) {
    return state;
  }
  const note = `${unparsed} lines of the executions logger have an unknown form and are not counted`;
  return degrade(state, note);
}

function notesOfMissing(missing: readonly MissingSpan[]): string[] {
  const spansByReason = new Map<string, MissingSpan[]>();
  for (const span of missing) {
    spansByReason.set(span.reason.message, [...(spansByReason.get(span.reason.message) ?? []), span]);
  }
  return [...spansByReason].map(([reason, spans]) => {
    const from = new Date(Math.min(...spans.map(({ start }) => start))).toISOString();
    const to = new Date(Math.max(...spans.map(({ end }) => end)) - 1).toISOString();
    const many = spans.length > 1 ? `${spans.length} spans between ` : '';
    return `could not read ${many}${from} and ${to}: ${reason}`;
  });
}

/** Countries come from labels of the request lines, so that what the lines lack, the countries lack too. */
function attributionState(requestLogState: SourceState, view: LedgerView): SourceState {
  const state: SourceState = { ...requestLogState, source: 'country-attribution' };
  if (view.cells.length === 0) {
    return state;
  }
  const keys = countKeys(view, view.span, undefined);
  const all = keys.total;
  const attributed = all - keys.countOf('country', unknownCountry);
  if (all === 0 || attributed >= all * wholeAttribution) {
    return state;
  }
  if (attributed === 0) {
    return { ...state, status: 'missing', notes: [...state.notes, 'no request carries a country'] };
  }
  return degrade(state, `${attributionPercent(keys)} % of the requests carry a known country`);
}
