import { catchError, defer, forkJoin, map, type Observable, of, switchMap } from 'rxjs';

import { degrade, missingState, type SourceState, stateOfSpans, type Status } from '../completeness/model';
import { unknownCountry } from '../domain/countries';
import { type SourceName } from '../domain/sources';
import { isEmpty, type Span } from '../domain/span';
import {
  cpuEvidence,
  defaultCpuQuery,
  defaultGpuQuery,
  defaultInventoryQuery,
  gpuEvidence,
  runningPodsQuery,
} from '../expr/promql';
import { type Granularity } from '../ledger/grid';
import { type LedgerRequest, type LedgerView } from '../ledger/ledger';
import { type Ledgers } from '../ledger/ledgers';
import { type MissingSpan } from '../ledger/loader';
import { type Settings } from '../settings';
import { lokiClient, prometheusClient } from '../upstream/dataSources';
import { toUpstreamError } from '../upstream/errors';
import { type LokiClient } from '../upstream/loki';
import { type Sharing } from '../upstream/sharing';
import { type Transport } from '../upstream/transport';
import { type Inventory, readInventory } from '../usage/inventoryReader';
import { readUsage, type UsageView } from '../usage/usageReader';
import { attributionPercent, countKeys } from './facts';
import { type Needs } from './report';

/** What the sources delivered for a range, and how complete each of them is. */
export interface Gathered {
  requests?: LedgerView;
  exposed?: LedgerView;
  cpu?: UsageView;
  gpu?: UsageView;
  inventory?: Inventory;
  states: ReadonlyMap<SourceName, SourceState>;
  /** Sources that gave no answer at all. */
  failed: readonly SourceName[];
}

export interface GatherRequest {
  needs: Needs;
  range: Span;
  zone: string;
  granularity: Granularity;
  /** Windows of CPU and GPU hours. */
  usageGranularity: Granularity;
  readAgain: boolean;
  settings: Settings;
  now: number;
}

export interface Upstreams {
  transport: Transport;
  /** For Prometheus. */
  usageTransport: Transport;
  ledgers: Ledgers;
  usage: Sharing<UsageView>;
  inventory: Sharing<Inventory>;
}

/** What one source contributes. */
interface Part {
  values: Partial<Omit<Gathered, 'states' | 'failed'>>;
  states: SourceState[];
  failed: boolean;
}

/** Lines may carry a time a little ahead of the clock here; nothing is read beyond that. */
const clockSkewMs = 600_000;

/** Length of one look into Loki's index: below its default limit of 30 days. */
const longestIndexQueryMs = 30 * 24 * 3_600_000;

/** Below this share of requests with a country, the attribution is not whole (mission, SC-003). */
const wholeAttribution = 0.95;

/** Asks the sources that a report needs, all at once. A source that fails never hides another. Never errors. */
export function gather(request: GatherRequest, upstreams: Upstreams): Observable<Gathered> {
  const { needs } = request;
  const parts = [
    ...(needs.requests ? [requestLogs(request, upstreams)] : []),
    ...(needs.exposed ? [exposedLogs(request, upstreams)] : []),
    ...(needs.cpu ? [usage('cpu', request, upstreams)] : []),
    ...(needs.gpu ? [usage('gpu', request, upstreams)] : []),
    ...(needs.inventory ? [inventory(request, upstreams)] : []),
  ];
  return (parts.length > 0 ? forkJoin(parts) : of([])).pipe(
    map((answers) => ({
      ...Object.assign({}, ...answers.map(({ values }) => values)),
      states: new Map(
        answers.flatMap(({ states }) => states.map((state) => [state.source, withKnownGaps(state, request)] as const))
      ),
      failed: answers.filter(({ failed }) => failed).flatMap(({ states }) => states.map(({ source }) => source)),
    }))
  );
}

/** Doubts a source where the operator declared that it has a gap. */
function withKnownGaps(state: SourceState, { settings, range }: GatherRequest): SourceState {
  return settings.knownGaps
    .filter(
      ({ source, from, to }) => source === state.source && Date.parse(from) < range.end && Date.parse(to) >= range.start
    )
    .reduce((doubted, { from, to, note }) => degrade(doubted, `known gap from ${from} to ${to}: ${note}`), state);
}

/** Turns a thrown configuration error into a missing source. */
function guarded(sources: readonly SourceName[], { range, now }: GatherRequest, ask: () => Observable<Part>) {
  return defer(ask).pipe(
    catchError((error: unknown) =>
      of<Part>({
        values: {},
        states: sources.map((source) => missingState(source, range, toUpstreamError(error).message, now)),
        failed: true,
      })
    )
  );
}

function requestLogs(request: GatherRequest, { ledgers, transport }: Upstreams): Observable<Part> {
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

function exposedLogs(request: GatherRequest, { ledgers, transport }: Upstreams): Observable<Part> {
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

/** The part of the range about which anything can be known yet. */
function readableSpan({ range, now }: GatherRequest, aheadMs: number): Span {
  return { start: range.start, end: Math.max(range.start, Math.min(range.end, now + aheadMs)) };
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

function usage(kind: 'cpu' | 'gpu', request: GatherRequest, upstreams: Upstreams): Observable<Part> {
  const source: SourceName = kind === 'cpu' ? 'usage-cpu' : 'usage-gpu';
  const { settings, now } = request;
  const template = kind === 'cpu' ? settings.cpuQuery : settings.gpuQuery;
  const ownTemplate = template !== (kind === 'cpu' ? defaultCpuQuery : defaultGpuQuery);
  const evidence = kind === 'cpu' ? cpuEvidence : gpuEvidence;
  return guarded([source], request, () => {
    const span = readableSpan(request, 0);
    if (isEmpty(span)) {
      return of<Part>({
        values: {},
        states: [missingState(source, request.range, 'the range lies ahead', now)],
        failed: false,
      });
    }
    const client = prometheusClient(upstreams.usageTransport, settings.prometheusUid);
    const question = {
      template,
      evidence: ownTemplate ? undefined : evidence,
      servicesNamespace: settings.servicesNamespace,
      span,
      zone: request.zone,
      // Always by the day unless hours are asked for: windows of other lengths would not add up with these.
      granularity: request.usageGranularity,
    };
    return upstreams.usage
      .get(JSON.stringify([settings.prometheusUid, question]), () => readUsage(client, question))
      .pipe(
        map((view) => {
          const state = usageState(source, span, view, ownTemplate ? undefined : evidence, now);
          return { values: { [kind]: view }, states: [state], failed: view.windows.length === 0 };
        })
      );
  });
}

function usageState(
  source: SourceName,
  span: Span,
  view: UsageView,
  evidence: string | undefined,
  now: number
): SourceState {
  const unscraped =
    view.missing.length > 0 && view.notes.length === 0
      ? [evidence ? `no samples of ${evidence} there` : 'the query of the options found no series there']
      : [];
  const state = stateOfSpans(source, span, view.missing, [...view.notes, ...unscraped], now);
  return view.warnings.length > 0 ? degrade(state, `the answer may be partial: ${view.warnings.join('; ')}`) : state;
}

function inventory(request: GatherRequest, upstreams: Upstreams): Observable<Part> {
  const source: SourceName = 'service-inventory';
  const { settings, now, range } = request;
  return guarded([source], request, () => {
    const client = prometheusClient(upstreams.usageTransport, settings.prometheusUid);
    const template = settings.inventoryQuery;
    const question = {
      template,
      fallback: template === defaultInventoryQuery ? runningPodsQuery : undefined,
      servicesNamespace: settings.servicesNamespace,
    };
    const found$ = upstreams.inventory.get(JSON.stringify([settings.prometheusUid, question]), () =>
      readInventory(client, { ...question, now })
    );
    return found$.pipe(
      map((found): Part => {
        const status: Status = found.services === undefined ? 'missing' : found.exact ? 'ok' : 'partial';
        const state: SourceState = {
          source,
          status,
          notes: found.notes,
          // The inventory is of now, whatever the range.
          coveragePercent: status === 'missing' ? 0 : 100,
          missing: status === 'missing' ? [range] : [],
          degraded: false,
          range,
          lastUpdated: now,
        };
        return { values: { inventory: found }, states: [state], failed: found.failed };
      })
    );
  });
}
