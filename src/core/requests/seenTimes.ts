import {
  catchError,
  concat,
  defer,
  EMPTY,
  from,
  ignoreElements,
  map,
  mergeMap,
  type Observable,
  of,
  reduce,
  tap,
} from 'rxjs';

import { invalidService } from '../domain/serviceName';
import { type Span } from '../domain/span';
import { amountOf, compareText } from '../domain/text';
import { type LineFamily } from '../expr/logql';
import { toUpstreamError } from '../upstream/errors';
import { type LearnedLimits } from '../upstream/learnedLimits';
import { type LokiClient } from '../upstream/loki';
import { type Cell } from './cell';
import { askRun, runsOfCells } from './edgeRuns';
import { type Edge, edgeTimes } from './edgeTimes';
import { type KeyTable } from './keyTable';

export type { Edge };

/** When a service was first and last called, in ms since the epoch; absent where that could not be read. */
export type Seen = Partial<Record<Edge, number>>;

export interface SeenView {
  /** By the spans that were asked for, then by service. */
  bySpan: ReadonlyMap<Span, ReadonlyMap<string, Seen>>;
  /** What went wrong, once each. */
  problems: string[];
}

type TimesByService = ReadonlyMap<string, number>;

/** What the counts of a cell tell of is no longer there. */
const goneLines = 'some of the counted lines no longer exist';

/** Services about which Loki is asked at most: anybody can invent names, and each of them costs. */
export const mostServices = 500;

/** Questions that are asked for at the same time: what one of them teaches is for those after these. */
const askedAhead = 3;

/** The cells of a span in which each service was first and last called. */
type EdgeCells = ReadonlyMap<string, Record<Edge, Cell>>;

/** What one cell is to tell. */
interface Question {
  cell: Cell;
  edge: Edge;
  services: ReadonlySet<string>;
}

/**
 * The exact times at which services were first and last called. The counts tell in which cells these lie, so that only
 * those few cells are asked for their times, unless the lines themselves told. What a cell answered lives as long as the cell.
 *
 * Of more services than can be asked about, the times are exact for those with the most requests. Of the others, the ends of
 * their cells are known, which a problem says.
 */
export class SeenTimes {
  private readonly known = new WeakMap<Cell, Partial<Record<Edge, TimesByService>>>();

  constructor(
    private readonly client: LokiClient,
    private readonly family: LineFamily,
    private readonly limits: LearnedLimits
  ) {}

  /** The cells must not cross an end of a span. No cache answers where `isFresh`. Emits once; never errors. */
  read(cells: readonly Cell[], table: KeyTable, spans: readonly Span[], isFresh = false): Observable<SeenView> {
    const plans = spans.map((span) => ({ span, edges: edgeCells(cells, table, span) }));
    const wanted: Record<Edge, Map<Cell, Set<string>>> = { first: new Map(), last: new Map() };
    for (const [service, cellOf] of plans.flatMap(({ edges }) => [...edges])) {
      for (const edge of ['first', 'last'] as const) {
        const services = wanted[edge].get(cellOf[edge]) ?? new Set();
        wanted[edge].set(cellOf[edge], services.add(service));
      }
    }
    const questionsOf = (edge: Edge) =>
      Array.from(wanted[edge], ([cell, services]) => ({ cell, edge, services: this.unknownOf(cell, edge, services) }));
    const client = isFresh ? this.client.fresh() : this.client;
    const coarse = beyondTheMost([...questionsOf('first'), ...questionsOf('last')], table);
    return concat(
      coarse.size > 0 ? EMPTY : this.askRuns(client, [questionsOf('first'), questionsOf('last')], table),
      // What the runs did not tell.
      defer(() => from([...questionsOf('first'), ...questionsOf('last')]))
    ).pipe(
      mergeMap((question) => this.ask(client, without(question, coarse), table), askedAhead),
      reduce((problems, problem) => (problem === undefined ? problems : problems.add(problem)), new Set<string>()),
      map((problems) => ({
        problems: [...problems, ...(coarse.size > 0 ? [coarseNote(coarse.size)] : [])],
        bySpan: new Map(plans.map(({ span, edges }) => [span, this.timesOf(edges, coarse)])),
      }))
    );
  }

  /** Makes the times in many cells known by a query about all of them; what is not told is asked for again. Never errors. */
  private askRuns(
    client: LokiClient,
    questions: ReadonlyArray<readonly Question[]>,
    table: KeyTable
  ): Observable<never> {
    const keysIn = (cells: readonly Cell[]) => new Set(cells.flatMap(({ ids }) => [...ids])).size;
    const runs = questions.flatMap((all) => {
      const open = all.filter(({ cell, services }) => services.size > 0 && !isOneTime(cell) && !hasTimes(cell));
      return open[0] ? runsOfCells(open[0].edge, open, keysIn, this.limits.maxSeries / 2) : [];
    });
    return from(runs).pipe(
      mergeMap(
        (run) =>
          askRun(client, this.family, run, (text) => table.serviceOf(text)).pipe(
            tap((told) => told.forEach((times, cell) => this.learn(cell, run.edge, times))),
            catchError(() => EMPTY)
          ),
        askedAhead
      ),
      ignoreElements()
    );
  }

  private unknownOf(cell: Cell, edge: Edge, services: ReadonlySet<string>): ReadonlySet<string> {
    const known = this.known.get(cell)?.[edge];
    return known ? new Set([...services].filter((service) => !known.has(service))) : services;
  }

  /** Makes the times of services in a cell known; emits what went wrong, or undefined. */
  private ask(client: LokiClient, { cell, edge, services }: Question, table: KeyTable): Observable<string | undefined> {
    if (services.size === 0) {
      return of(undefined);
    }
    return this.timesIn(client, cell, edge, services, table).pipe(
      tap((times) => this.learn(cell, edge, times)),
      map((times) => ([...services].every((service) => times.has(service)) ? undefined : goneLines)),
      catchError((error: unknown) => of(toUpstreamError(error).message))
    );
  }

  /** Others may have asked about other services of the cell in the meantime. */
  private learn(cell: Cell, edge: Edge, times: TimesByService): void {
    const all = this.known.get(cell);
    this.known.set(cell, { ...all, [edge]: new Map([...(all?.[edge] ?? []), ...times]) });
  }

  private timesIn(
    client: LokiClient,
    cell: Cell,
    edge: Edge,
    services: ReadonlySet<string>,
    table: KeyTable
  ): Observable<TimesByService> {
    if (isOneTime(cell)) {
      // All of its lines belong to one and the same millisecond, however many there are.
      return of(new Map(Array.from(services, (service) => [service, cell.start])));
    }
    // Of what Loki doubted, the times are asked for, and what it says then decides.
    if (hasTimes(cell)) {
      const { services: names, [edge]: times } = cell.seen;
      return of(new Map(names.map((service, index) => [service, times[index] ?? NaN])));
    }
    return edgeTimes(client, this.family, this.limits, {
      span: { start: cell.start, end: cell.end },
      edge,
      services,
      keysOf: (some) => keysOf(cell, some, table),
      serviceOf: (text) => table.serviceOf(text),
    });
  }

  private timesOf(edges: EdgeCells, coarse: ReadonlySet<string>): ReadonlyMap<string, Seen> {
    const timeOf = (service: string, edge: Edge, cell: Cell) =>
      this.known.get(cell)?.[edge]?.get(service) ?? (coarse.has(service) ? endOf(cell, edge) : undefined);
    return new Map(
      [...edges].map(([service, { first, last }]) => [
        service,
        { first: timeOf(service, 'first', first), last: timeOf(service, 'last', last) },
      ])
    );
  }
}

function isOneTime({ start, end }: Cell): boolean {
  return end - start === 1;
}

function hasTimes(cell: Cell): cell is Cell & Required<Pick<Cell, 'seen'>> {
  return cell.seen !== undefined && !cell.warnings;
}

/** What is known of a time without asking. */
function endOf({ start, end }: Cell, edge: Edge): number {
  return edge === 'first' ? start : end - 1;
}

function without({ services, ...question }: Question, some: ReadonlySet<string>): Question {
  const isAsked = isOneTime(question.cell) || hasTimes(question.cell) || some.size === 0;
  return { ...question, services: isAsked ? services : new Set([...services].filter((name) => !some.has(name))) };
}

/** The services about which Loki would have to be asked, but for those with the most requests in these cells. */
function beyondTheMost(questions: readonly Question[], table: KeyTable): ReadonlySet<string> {
  const open = questions.filter(({ cell, services }) => services.size > 0 && !isOneTime(cell) && !hasTimes(cell));
  const services = new Set(open.flatMap((question) => [...question.services]));
  if (services.size <= mostServices) {
    return new Set();
  }
  const [column, { names }] = [table.column('service'), table.dictionary('service')];
  const requests = new Map<string, number>();
  for (const { ids, counts } of new Set(open.map(({ cell }) => cell))) {
    for (const [index, id] of ids.entries()) {
      const name = names[column.at(id)] ?? '';
      requests.set(name, (requests.get(name) ?? 0) + (counts[index] ?? 0));
    }
  }
  const countOf = (name: string) => requests.get(name) ?? 0;
  const ranked = [...services].sort((one, other) => countOf(other) - countOf(one) || compareText(one, other));
  return new Set(ranked.slice(mostServices));
}

function coarseNote(services: number): string {
  return `there are too many services to ask about each one, so for ${amountOf(services, 'service')} only the hour or day of first and last use is known`;
}

function edgeCells(cells: readonly Cell[], table: KeyTable, span: Span): EdgeCells {
  const edges = new Map<string, Record<Edge, Cell>>();
  for (const cell of cells) {
    if (cell.start >= span.start && cell.end <= span.end) {
      for (const service of servicesOf(cell, table)) {
        const known = edges.get(service);
        edges.set(service, { first: known?.first ?? cell, last: cell });
      }
    }
  }
  return edges;
}

/** Numbers of the services of a cell. It does not change, and each refresh of a dashboard asks again what is in it. */
const servicesInCell = new WeakMap<Cell, Uint32Array>();

function servicesOf(cell: Cell, table: KeyTable): string[] {
  let services = servicesInCell.get(cell);
  if (!services) {
    const column = table.column('service');
    services = Uint32Array.from(new Set(Array.from(cell.ids, (id) => column.at(id))));
    servicesInCell.set(cell, services);
  }
  const { names } = table.dictionary('service');
  // Of rejected requests nobody keeps the names, and what could not be a service has no row.
  return Array.from(services, (id) => names[id] ?? '').filter((name) => name !== '' && name !== invalidService);
}

function keysOf({ ids }: Cell, services: ReadonlySet<string>, table: KeyTable): number {
  const dictionary = table.dictionary('service');
  const isOne = new Set(Array.from(services, (service) => dictionary.find(service)));
  const column = table.column('service');
  return ids.reduce((sum, id) => sum + (isOne.has(column.at(id)) ? 1 : 0), 0);
}
