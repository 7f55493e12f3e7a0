import { map, type Observable, shareReplay } from 'rxjs';

import { parseExposed } from '../domain/exposedLine';
import { parseRequest } from '../domain/requestLine';
import { authLabel, exposedFamily, type LineFamily, type LineOptions, requestFamily } from '../expr/logql';
import { type MemoryBudget } from '../runtime/memoryBudget';
import { defaultLimits } from '../upstream/learnedLimits';
import { type LokiClient } from '../upstream/loki';
import { type StatedLimits } from '../upstream/statedLimits';
import { batchReader } from './batched';
import { type CountReader } from './countReader';
import { Estimate } from './estimate';
import { type CallParser, KeyTable } from './keyTable';
import { Ledger } from './ledger';
import { type LokiSource } from './lookBack';
import { SeenTimes } from './seenTimes';
import { splitReader } from './split';

export interface LedgerOptions {
  settleDelayMs: number;
  cacheBytes: number;
  /** As of a ledger's dependencies. */
  memory?: MemoryBudget;
  now: () => number;
  statedLimits: StatedLimits;
  /** What is asked before the logs; absent: nothing. */
  earlierReaders?: (client: LokiClient, family: LineFamily) => readonly CountReader[];
}

/** The ledgers of a data source instance: one per family of lines, Loki and selector. */
export class Ledgers {
  private readonly ledgers = new Map<string, Observable<Ledger>>();
  private ready: Ledger[] = [];

  constructor(private readonly options: LedgerOptions) {}

  /** Requests to the manager, sync and async. */
  requests(client: LokiClient, selector: string, options: LineOptions): Observable<Ledger> {
    const parse: CallParser = (text) => parseRequest(text, options.namespacePrefix);
    return this.ledger(client, requestFamily(selector, options), options, parse);
  }

  /** Requests to exposed services, as the ingress controller logged them. */
  exposed(client: LokiClient, selector: string, options: LineOptions): Observable<Ledger> {
    const parse: CallParser = (text) => parseExposed(text, options.namespacePrefix);
    return this.ledger(client, exposedFamily(selector, options), options, parse);
  }

  /** Readings under way, over all ledgers. */
  get activeLoads(): number {
    return this.ready.reduce((sum, ledger) => sum + ledger.activeLoads, 0);
  }

  /** Forgets everything that was read. What is under way comes to its end, and nobody finds it. */
  clear(): void {
    this.ready.forEach((ledger) => this.options.memory?.leave(ledger));
    this.ready = [];
    this.ledgers.clear();
  }

  private ledger(client: LokiClient, family: LineFamily, options: LineOptions, parse: CallParser): Observable<Ledger> {
    // Everything that shapes the answer.
    const key = JSON.stringify([client.uid, family, options]);
    let ledger = this.ledgers.get(key);
    if (!ledger) {
      // Once it is open it stays; until then, the last one who leaves ends the question.
      ledger = this.open(client, family, parse).pipe(shareReplay({ bufferSize: 1, refCount: true }));
      this.ledgers.set(key, ledger);
    }
    return ledger;
  }

  /** Asks Loki for its limits first; a Loki that does not tell them shows them by its errors. */
  private open(client: LokiClient, family: LineFamily, parse: CallParser): Observable<Ledger> {
    const limits = defaultLimits();
    return this.options.statedLimits.of(client, family.selector).pipe(
      map((stated) => {
        Object.assign(limits, stated);
        const { now, earlierReaders = () => [] } = this.options;
        const source: LokiSource = {
          client,
          family,
          estimate: new Estimate(limits),
          now,
        };
        const ledger = new Ledger({
          ...this.options,
          newTable: () => new KeyTable(parse, authLabel),
          readers: [...earlierReaders(client, family), batchReader(source), splitReader(source)],
          seenTimes: new SeenTimes(client, family, limits),
        });
        this.ready.push(ledger);
        return ledger;
      })
    );
  }
}
