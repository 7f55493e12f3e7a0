import { Observable, ReplaySubject, type Subscriber, Subscription, timer } from 'rxjs';

import { hourMs } from '../domain/duration';
import { clip, gapsIn, type Span, unionOf } from '../domain/span';
import { type MemoryBudget, type MemoryUser } from '../runtime/memoryBudget';
import { UpstreamError } from '../upstream/errors';
import { isRecent, sharedForMs } from '../upstream/sharing';
import { renumbered, type Cell } from './cell';
import { CellStore } from './cellStore';
import { type CountReader, type LoadEvent, loadSpans, type MissingSpan } from './countReader';
import { fitsGrid, type Granularity, type Grid, gridOf, nextHour } from './grid';
import { type KeyTable } from './keyTable';
import { type SeenTimes, type SeenView } from './seenTimes';

/** What a ledger knows about a range: `cells` and `missing` together cover `span` exactly once. */
export interface LedgerView {
  span: Span;
  /** Complete counts, disjoint, in order of time. */
  cells: readonly Cell[];
  missing: readonly MissingSpan[];
  table: KeyTable;
  /** What of the span was in memory. */
  remembered?: readonly Span[];
  /** True while more is being read: what is still to come is among the missing. */
  loading?: true;
}

export interface LedgerRequest {
  span: Span;
  /** IANA name of the zone whose days are asked for. */
  zone: string;
  granularity: Granularity;
  /** Read everything again, also what is settled. */
  readAgain?: boolean;
}

export interface LedgerDependencies {
  /** In the order in which they are tried. */
  readers: readonly CountReader[];
  seenTimes: SeenTimes;
  newTable: () => KeyTable;
  /** Lines may arrive this late; what is older can no longer change. */
  settleDelayMs: number;
  cacheBytes: number;
  /** What `cacheBytes` is shared in with others; absent where there are none. */
  memory?: MemoryBudget;
  /** ms since the epoch. */
  now: () => number;
}

const notReadYet = new UpstreamError('cancelled', 'not read yet');

/** A reading under way or just finished, which several views may share. */
interface Load {
  spans: readonly Span[];
  events: ReplaySubject<LoadEvent>;
  work: Subscription;
  table: KeyTable;
  readAgain: boolean;
  users: number;
  /** When it ended, in ms since the epoch; undefined while it runs. */
  finishedAt?: number;
}

/** How often a reading that takes long shows what it has. */
const interimEveryMs = 1000;

/**
 * The request ledger: which requests there were, read once, kept while they can't change. Everything that a report
 * says about requests is computed from its cells.
 */
export class Ledger implements MemoryUser {
  private readonly store: CellStore;
  private table: KeyTable;
  /** Number of keys below which a look for unused ones is not worth it. */
  private compactFrom = 0;
  private loads: Load[] = [];

  constructor(private readonly deps: LedgerDependencies) {
    this.store = new CellStore(deps.cacheBytes);
    this.table = deps.newTable();
    deps.memory?.join(this);
  }

  /** Of the settled cells and the dictionary. */
  get bytes(): number {
    return this.store.bytes + this.table.bytes;
  }

  shrinkTo(bytes: number): void {
    this.store.shrinkTo(bytes - this.table.bytes);
  }

  /** Readings under way; 0 when nobody is interested any more. */
  get activeLoads(): number {
    return this.loads.filter(({ finishedAt }) => finishedAt === undefined).length;
  }

  /**
   * The view of a range, when everything was read or is listed as missing; where that takes long, before it interim
   * views marked `loading`. Views of the same time share one reading; the last one that unsubscribes ends it. Never errors.
   */
  view(request: LedgerRequest): Observable<LedgerView> {
    return new Observable<LedgerView>((subscriber) => this.collect(request, subscriber));
  }

  /** When each service was first and last called in parts of a view of this ledger. Emits once; never errors. */
  seen({ cells, table }: LedgerView, spans: readonly Span[], readAgain = false): Observable<SeenView> {
    return this.deps.seenTimes.read(cells, table, spans, readAgain);
  }

  private collect({ span, zone, granularity, readAgain = false }: LedgerRequest, subscriber: Subscriber<LedgerView>) {
    this.boundMemory();
    const table = this.table;
    const grid = gridOf(span, zone, granularity);
    const cells: Cell[] = readAgain ? [] : this.store.covering(span, grid);
    const remembered = unionOf(cells.map(({ start, end }) => ({ start, end })));
    const missing: MissingSpan[] = [];
    const all = new Subscription();
    let gaps = gapsIn(span, cells);

    const take = (event: LoadEvent) => {
      if (event.kind === 'missing') {
        const parts = gaps.flatMap((gap) => clip([event.missing], gap));
        missing.push(...parts.map((part) => ({ ...part, reason: event.missing.reason })));
        gaps = gaps.flatMap((gap) => gapsIn(gap, parts));
        return;
      }
      const { cell } = event;
      // A cell of another view's reading may reach beyond this one's range, or over a day that this one must split.
      const gap = gaps.find(({ start, end }) => start <= cell.start && cell.end <= end);
      if (gap && fitsGrid(grid, cell)) {
        cells.push(cell);
        gaps = gaps.flatMap((other) => (other === gap ? gapsIn(gap, [cell]) : [other]));
      }
    };
    const fill = (shared: readonly Load[]) => {
      if (gaps.length === 0) {
        cells.sort((a, b) => a.start - b.start);
        missing.sort((a, b) => a.start - b.start);
        subscriber.next({ span, cells, missing, table, remembered });
        subscriber.complete();
        return;
      }
      const spoken = shared.flatMap(({ spans }) => spans);
      const rest = gaps.flatMap((gap) => gapsIn(gap, spoken));
      const loads = rest.length > 0 ? [...shared, this.start(rest, grid, table, readAgain)] : shared;
      let open = loads.length;
      for (const load of loads) {
        load.users += 1;
        all.add(() => this.release(load));
        // What the shared readings could not give, because their cells lie differently, is read in a second round.
        all.add(load.events.subscribe({ next: take, complete: () => (open -= 1) === 0 && fill([]) }));
      }
    };
    all.add(
      timer(interimEveryMs, interimEveryMs).subscribe(() => {
        const pending = gaps.map((gap) => ({ ...gap, reason: notReadYet }));
        subscriber.next({
          span,
          cells: [...cells].sort((a, b) => a.start - b.start),
          missing: [...missing, ...pending].sort((a, b) => a.start - b.start),
          table,
          remembered,
          loading: true,
        });
      })
    );
    fill(this.sharedLoads(gaps, table, readAgain));
    return all;
  }

  /** Readings of the same time that are under way, or so recent that their open end still holds. */
  private sharedLoads(gaps: readonly Span[], table: KeyTable, readAgain: boolean): Load[] {
    const now = this.deps.now();
    this.loads = this.loads.filter(({ finishedAt }) => finishedAt === undefined || isRecent(finishedAt, now));
    return this.loads.filter(
      (load) =>
        load.table === table &&
        (load.readAgain || !readAgain) &&
        load.spans.some((part) => gaps.some((gap) => clip([part], gap).length > 0))
    );
  }

  private start(gaps: readonly Span[], grid: Grid, table: KeyTable, readAgain: boolean): Load {
    const settled = settledUntil(grid, this.deps.now() - this.deps.settleDelayMs);
    const events = new ReplaySubject<LoadEvent>();
    const work = new Subscription();
    const load: Load = { spans: unionOf(gaps), events, work, table, readAgain, users: 0 };
    this.loads.push(load);
    const pieces = gaps.flatMap((gap) => cutForReuse(gap, grid, settled));
    work.add(
      loadSpans(this.deps.readers, pieces, { grid, table, isFresh: readAgain }).subscribe({
        next: (event) => {
          // What Loki itself doubts is asked for again the next time.
          if (event.kind === 'cell' && !event.cell.warnings && event.cell.end <= settled && table === this.table) {
            if (readAgain) {
              this.store.replace(event.cell);
            } else {
              this.store.add(event.cell);
            }
            this.deps.memory?.settle();
          }
          events.next(event);
        },
        complete: () => {
          load.finishedAt = this.deps.now();
          events.complete();
          // Its cells are not kept any longer than they may be of use to others.
          timer(sharedForMs).subscribe(() => (this.loads = this.loads.filter((other) => other !== load)));
        },
      })
    );
    return load;
  }

  private release(load: Load): void {
    load.users -= 1;
    if (load.users === 0 && load.finishedAt === undefined) {
      load.work.unsubscribe();
      this.loads = this.loads.filter((other) => other !== load);
    }
  }

  /**
   * Keeps dictionary and cells within the memory, as far as the cells in use allow it. The dictionary only grows; when most
   * of its keys are those of cells that were dropped, it is made anew from the cells that are kept.
   */
  private boundMemory(): void {
    const { cacheBytes } = this.deps;
    const isLarge = () => this.table.bytes > cacheBytes / 2;
    if (isLarge()) {
      this.table.forgetTexts();
    }
    // Readings under way number their keys by the present dictionary, and could not be kept.
    if (isLarge() && this.table.size > this.compactFrom && this.activeLoads === 0) {
      const used = new Set<number>();
      for (const { ids } of this.store.all()) {
        ids.forEach((id) => used.add(id));
      }
      if (used.size < this.table.size / 2) {
        this.renumber();
      }
      this.compactFrom = this.table.size * 1.25;
    }
    this.store.limit(Math.max(cacheBytes / 4, cacheBytes - this.table.bytes));
  }

  private renumber(): void {
    const table = this.deps.newTable();
    const cells = [...this.store.all()].map((cell) => renumbered(cell, (id) => table.intern(this.table.keyOf(id))));
    this.store.clear();
    for (const cell of cells) {
      this.store.add(cell);
    }
    this.table = table;
  }
}

/** The last full hour of the zone at or before `time`: cells that end there or before it are settled. */
function settledUntil(grid: Grid, time: number): number {
  return nextHour(grid, time) - hourMs;
}

/**
 * Cuts a gap where its parts change at different times: a range that moves with the clock begins inside an hour, and
 * its end is still open. Without the cuts a refresh would read much more than what has changed.
 */
function cutForReuse({ start, end }: Span, grid: Grid, settled: number): Span[] {
  const firstHour = nextHour(grid, start - 1);
  const edges = [start, firstHour, settled, end].filter((edge) => edge >= start && edge <= end).sort((a, b) => a - b);
  return edges.slice(1).flatMap((edge, index) => {
    const from = edges[index] ?? start;
    return edge > from ? [{ start: from, end: edge }] : [];
  });
}
