import { forkJoin, map, type Observable, of } from 'rxjs';

import { optionNames } from '../optionsSchema';
import { type Settings } from '../settings';
import { type Connections, lokiClient, prometheusClient } from '../upstream/connections';
import { once } from '../upstream/retry';
import { explainerOf } from './explain';
import { type HealthLine, type HealthReport, reportOf } from './line';
import { lokiHealth } from './lokiHealth';
import { prometheusHealth } from './prometheusHealth';

/**
 * Save & test: asks both upstreams small real questions and says, a line each, what is there, what is missing and what to
 * change. Asks nothing when an option is not valid. `now` in ms since the epoch. Emits once, never errors.
 */
export function checkHealth(settings: Settings, connections: Connections, now: number): Observable<HealthReport> {
  const ofOptions = optionLines(settings);
  if (settings.problem !== undefined) {
    return of(reportOf(ofOptions));
  }
  const explain = explainerOf(connections);
  return forkJoin([
    prometheusHealth(() => prometheusClient(connections, once), settings, now, explain),
    lokiHealth({ open: () => lokiClient(connections, once), isShared: !connections.own, explain }, settings, now),
  ]).pipe(map((lines) => reportOf([...lines.flat(), ...ofOptions])));
}

/** What is wrong with the options, and stored keys that are none: a slip in a name would otherwise go unnoticed. */
function optionLines({ problem, unknownOptions }: Settings): HealthLine[] {
  const line = (level: HealthLine['level'], text: string): HealthLine => ({ level, upstream: 'Options', text });
  const valid = `valid options: ${optionNames.join(', ')}`;
  return [
    ...(problem === undefined ? [] : [line('error', problem)]),
    ...(unknownOptions.length === 0
      ? []
      : [
          line(
            'warning',
            unknownOptions.length === 1
              ? `unknown option ${unknownOptions.join('')} has no effect; ${valid}`
              : `unknown options ${unknownOptions.join(', ')} have no effect; ${valid}`
          ),
        ]),
  ];
}
