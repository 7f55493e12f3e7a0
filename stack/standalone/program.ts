// The core as a program of its own: one question in its argument, as JSON, the answer on standard output.
import { lastValueFrom } from 'rxjs';

import { type UsageOptions } from '../../src/core/options';
import { type UsageQuery } from '../../src/core/query';
import { createSession } from '../../src/core/session';
import { settingsFrom } from '../../src/core/settings';
import { type Endpoints, fetchConnections } from '../../src/core/upstream/fetchConnections';

/** What the program is asked. */
export interface Request {
  endpoints: Endpoints;
  options: UsageOptions;
  query: UsageQuery;
  /** ms since the epoch, the end exclusive. */
  range: { start: number; end: number };
  /** IANA name. */
  zone: string;
}

async function main(): Promise<void> {
  const { endpoints, options, query, range, zone } = JSON.parse(process.argv[2] ?? '') as Request;
  const session = createSession(settingsFrom(options), fetchConnections(endpoints));
  process.stdout.write(JSON.stringify(await lastValueFrom(session.answer(query, range, zone))));
}

void main();
