// Traffic that does not end, for docker-compose.yaml with its profile "pipeline": writes log files as the container runtime of a node does,
// for the collector to read, and the country database that knows their addresses.
// node --import tsx stack/compose/live.ts [--logs /var/log/oscar] [--state /var/lib/alloy] [--every-seconds 2]
import { appendFile, mkdir, rename, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';

import { secondMs } from '../../src/core/domain/duration';
import { runProgram } from '../lib/program';
import { consoleLog } from '../lib/progress';
import { countryDatabase } from '../pipeline/mmdb';
import { liveEntries, liveNetworks } from './liveEntries';

/** A node begins a new file after so many bytes. */
const fileBytes = 10 * 1024 * 1024;

runProgram(async () => {
  const { values } = parseArgs({
    options: {
      logs: { type: 'string', default: '/var/log/oscar' },
      state: { type: 'string', default: '/var/lib/alloy' },
      'every-seconds': { type: 'string', default: '2' },
    },
  });
  await mkdir(values.logs, { recursive: true });
  await mkdir(values.state, { recursive: true });
  await writeFile(join(values.state, 'country.mmdb'), countryDatabase(liveNetworks, new Date()));
  consoleLog(`log files in ${values.logs} grow until this program ends`);
  for (let number = 0; ; number++) {
    for (const [name, text] of Object.entries(liveEntries(number, new Date()))) {
      const file = join(values.logs, `${name}.log`);
      const { size } = await stat(file).catch(() => ({ size: 0 }));
      if (size > fileBytes) {
        await rename(file, `${file}.1`);
      }
      await appendFile(file, text);
    }
    await delay(Number(values['every-seconds']) * secondMs);
  }
});
