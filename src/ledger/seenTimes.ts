import { catchError, from, map, mergeMap, type Observable, of, reduce, tap } from 'rxjs';

import { type Span } from '../domain/span';
import { type LineFamily } from '../expr/logql';
import { toUpstreamError } from '../upstream/errors';
import { type LokiClient } from '../upstream/loki';
import { type Cell } from './cell';
import { type KeyTable } from './keyTable';
import { readTimes } from './spanReader';

export type Edge = 'first' | 'last';

/** When a service was first and last called, in ms since the epoch; absent where that could not be read. */
export type Seen = Partial<Record<Edge, number>>;

export interface SeenView {
  /** By the spans that were asked for, then by service. */
  bySpan: ReadonlyMap<Span, ReadonlyMap<string, Seen>>;
  /** What went wrong, once each. */
  problems: string[];
}

type TimesByService = ReadonlyMap<string, number>;

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
    private readonly concurrency: number
  ) {}

  /** The cells must not cross an end of a span. Emits once; never errors. */
  read(cells: readonly Cell[], table: KeyTable, spans: readonly Span[]): Observable<SeenView> {
    const plans = spans.map((span) => ({ span, edges: edgeCells(cells, table, span) }));
    const wanted: Record<Edge, Set<Cell>> = { first: new Set(), last: new Set() };
    for (const { edges } of plans) {
      for (const { first, last } of edges.values()) {
        wanted.first.add(first);
        wanted.last.add(last);
      }
    }
    const questions = (['first', 'last'] as const).flatMap((edge) => [...wanted[edge]].map((cell) => ({ cell, edge })));
    return from(questions).pipe(
      mergeMap(({ cell, edge }) => this.ask(cell, edge, table), this.concurrency),
      reduce((problems, problem) => (problem === undefined ? problems : problems.add(problem)), new Set<string>()),
      map((problems) => ({
        problems: [...problems],
        bySpan: new Map(plans.map(({ span, edges }) => [span, this.timesOf(edges)])),
      }))
    );
  }

  /** Makes the times of a cell known; emits what went wrong, or undefined. */
  private ask(cell: Cell, edge: Edge, table: KeyTable): Observable<string | undefined> {
    if (this.known.get(cell)?.[edge]) {
      return of(undefined);
    }
    return this.timesIn(cell, edge, table).pipe(
      tap((times) => this.known.set(cell, { ...this.known.get(cell), [edge]: times })),
      map(() => undefined),
      catchError((error: unknown) => of(toUpstreamError(error).message))
    );
  }

  private timesIn(cell: Cell, edge: Edge, table: KeyTable): Observable<TimesByService> {
    if (cell.end - cell.start === 1) {
      // All of its lines belong to one and the same millisecond, however many there are.
      return of(new Map(servicesOf(cell, table).map((service) => [service, cell.start])));
    }
    // Of what Loki doubted, the times are asked for, and what it says then decides.
    if (cell.seen && !cell.warnings) {
      const { services, [edge]: times } = cell.seen;
      return of(new Map(services.map((service, index) => [service, times[index] ?? NaN])));
    }
    const better = edge === 'first' ? Math.min : Math.max;
    return readTimes(this.client, this.family, edge, cell).pipe(
      map((timesByText) => {
        const times = new Map<string, number>();
        for (const [text, time] of timesByText) {
          const service = table.serviceOf(text);
          if (service !== undefined) {
            times.set(service, better(times.get(service) ?? time, time));
          }
        }
        return times;
      })
    );
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
  return Array.from(services, (id) => names[id] ?? '');
}
