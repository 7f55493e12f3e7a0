import { defer, type Observable } from 'rxjs';

import { checkHealth } from './health/checkHealth';
import { type HealthReport } from './health/line';
import { type Settings } from './settings';
import { openUpstreams, type Upstreams } from './sources/upstreams';
import { type Connections } from './upstream/connections';
import { type RetryPolicy } from './upstream/retry';

/** A data source in use: its options, and all that it keeps from one query to the next. */
export interface Session {
  readonly settings: Settings;
  readonly upstreams: Upstreams;
  /** Save & test. Never errors: what is wrong is in the report. */
  checkHealth(): Observable<HealthReport>;
}

/**
 * Opens a session; nothing is sent before it is asked. `now` gives ms since the epoch; `retryPolicy` is for tests against
 * failing upstreams, which shorten its waits.
 */
export function createSession(
  settings: Settings,
  connections: Connections,
  now: () => number = () => Date.now(),
  retryPolicy?: RetryPolicy
): Session {
  const upstreams = openUpstreams(settings, connections, now, retryPolicy);
  return {
    settings,
    upstreams,
    checkHealth: () => defer(() => checkHealth(settings, upstreams.connections, now())),
  };
}
