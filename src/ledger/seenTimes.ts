import { catchError, from, map, mergeMap, type Observable, of, reduce, tap } from 'rxjs';

import { type Span } from '../domain/span';
import { type LineFamily } from '../expr/logql';
import { toUpstreamError } from '../upstream/errors';
import { type LearnedLimits } from '../upstream/learnedLimits';
import { type LokiClient } from '../upstream/loki';
import { type Cell } from './cell';
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
const goneLines = 'some lines that were counted are not there any more';

/** The cells of a span in which each service was first and last called. */
type EdgeCells = ReadonlyMap<string, Record<Edge, Cell>>;

/**
 * The exact times at which services were first and last called. The counts tell in which cells these lie, so that only
 * those few cells are asked for their times, unless the lines themselves told. What a cell answered lives as long as the cell.
 */
export class SeenTimes {
  private readonly known = new WeakMap<Cell, Partial<Record<Edge, TimesByService>>>();

  constructor(
    private readonly client: LokiClient,
    private readonly family: LineFamily,
    private readonly limits: LearnedLimits,
    private readonly concurrency: number
  ) {}

  /** The cells must not cross an end of a span. Emits once; never errors. */
  read(
    cells: readonly Cell[],
    table: KeyTable,
    spans: readonly Span[],
    client: LokiClient = this.client
  ): Observable<SeenView> {
    const plans = spans.map((span) => ({ span, edges: edgeCells(cells, table, span) }));
    const wanted: Record<Edge, Map<Cell, Set<string>>> = { first: new Map(), last: new Map() };
    for (const [service, cellOf] of plans.flatMap(({ edges }) => [...edges])) {
      for (const edge of ['first', 'last'] as const) {
        const services = wanted[edge].get(cellOf[edge]) ?? new Set();
        wanted[edge].set(cellOf[edge], services.add(service));
      }
    }
    const questions = (['first', 'last'] as const).flatMap((edge) =>
      Array.from(wanted[edge], ([cell, services]) => ({ cell, edge, services }))
    );
    return from(questions).pipe(
      mergeMap(({ cell, edge, services }) => this.ask(client, cell, edge, services, table), this.concurrency),
      reduce((problems, problem) => (problem === undefined ? problems : problems.add(problem)), new Set<string>()),
      map((problems) => ({
        problems: [...problems],
        bySpan: new Map(plans.map(({ span, edges }) => [span, this.timesOf(edges)])),
      }))
    );
  }

  /** Makes the times of services in a cell known; emits what went wrong, or undefined. */
  private ask(
    client: LokiClient,
    cell: Cell,
    edge: Edge,
    services: ReadonlySet<string>,
    table: KeyTable
  ): Observable<string | undefined> {
    const known = this.known.get(cell)?.[edge];
    const open = known ? new Set([...services].filter((service) => !known.has(service))) : services;
    if (open.size === 0) {
      return of(undefined);
    }
    return this.timesIn(client, cell, edge, open, table).pipe(
      tap((times) => {
        // Others may have asked about other services of the cell in the meantime.
        const all = this.known.get(cell);
        this.known.set(cell, { ...all, [edge]: new Map([...(all?.[edge] ?? []), ...times]) });
      }),
      map((times) => ([...open].every((service) => times.has(service)) ? undefined : goneLines)),
      catchError((error: unknown) => of(toUpstreamError(error).message))
    );
  }

  private timesIn(
    client: LokiClient,
    cell: Cell,
    edge: Edge,
    services: ReadonlySet<string>,
    table: KeyTable
  ): Observable<TimesByService> {
    if (cell.end - cell.start === 1) {
      // All of its lines belong to one and the same millisecond, however many there are.
      return of(new Map(Array.from(services, (service) => [service, cell.start])));
    }
    // Of what Loki doubted, the times are asked for, and what it says then decides.
    if (cell.seen && !cell.warnings) {
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

  private timesOf(edges: EdgeCells): ReadonlyMap<string, Seen> {
    return new Map(
      [...edges].map(([service, { first, last }]) => [
        service,
        { first: this.known.get(first)?.first?.get(service), last: this.known.get(last)?.last?.get(service) },
      ])
    );
  }
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
  // Of rejected requests nobody keeps the names.
  return Array.from(services, (id) => names[id] ?? '').filter((name) => name !== '');
}

function keysOf({ ids }: Cell, services: ReadonlySet<string>, table: KeyTable): number {
  const dictionary = table.dictionary('service');
  const isOne = new Set(Array.from(services, (service) => dictionary.find(service)));
  const column = table.column('service');
  return ids.reduce((sum, id) => sum + (isOne.has(column.at(id)) ? 1 : 0), 0);
}
