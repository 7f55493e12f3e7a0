/** One request to an engine, through the data source proxy or by `fetch`, also when the proxy refused it. */
export interface UpstreamRequest {
  /** uid of the data source whose proxy was asked; by `fetch`, the engine. */
  uid: string;
  /** Type of the engine: `loki`, `prometheus`. */
  engine: string;
  method: string;
  /** Path at the engine, without the leading slash and the parameters. */
  path: string;
  /** The parameters: query string and, for a form, the body. */
  parameters: URLSearchParams;
  /** Characters of path and query string; more than about 8 kB is refused by some proxies on the way. */
  urlLength: number;
  /** When it was sent, in milliseconds since the epoch. */
  startedAt: number;
  /** As the asker sees it; absent while there is no answer. */
  status?: number;
  /** `refused`: by the proxy's rules, nothing went upstream. `broken`: the connection ended within the body. */
  outcome: 'pending' | 'ok' | 'error' | 'refused' | 'aborted' | 'broken';
  /** From sending until the end of the body. */
  ms?: number;
  /** Of the body, uncompressed. */
  bytes: number;
  /** Loki's own count of the lines that it read for the answer; by `fetch` only. */
  linesProcessed?: number;
}

/** Above this many characters a URL counts as long. */
const longUrlLength = 8000;

/** The record of all requests and of how many were in flight at once. */
export class RequestLog {
  private entries: UpstreamRequest[] = [];
  private current = 0;
  private peak = 0;

  get requests(): readonly UpstreamRequest[] {
    return this.entries;
  }

  get inFlight(): number {
    return this.current;
  }

  get peakInFlight(): number {
    return this.peak;
  }

  get longUrls(): number {
    return this.entries.filter((entry) => entry.urlLength > longUrlLength).length;
  }

  /** Adds an entry that is under way; `end` has to be called on it once. */
  begin(request: Omit<UpstreamRequest, 'startedAt' | 'outcome' | 'bytes'>): UpstreamRequest {
    const entry: UpstreamRequest = { ...request, startedAt: Date.now(), outcome: 'pending', bytes: 0 };
    this.entries.push(entry);
    this.current++;
    this.peak = Math.max(this.peak, this.current);
    return entry;
  }

  end(entry: UpstreamRequest, result: Partial<UpstreamRequest> & Pick<UpstreamRequest, 'outcome'>): void {
    Object.assign(entry, result, { ms: Date.now() - entry.startedAt });
    this.current--;
  }

  /** Forgets the finished requests and sets the peak to what is in flight now. */
  reset(): void {
    this.entries = this.entries.filter((entry) => entry.outcome === 'pending');
    this.peak = this.current;
  }
}
