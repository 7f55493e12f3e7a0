// npm run stack: a real Loki and Prometheus on the data under .data/, until Ctrl-C.
import { join } from 'node:path';

import { resolveBinaries, startLoki, startPrometheus, stopEngines } from './engines';
import { UserError } from './lib/errors';
import { runProgram } from './lib/program';
import { consoleLog, createStages } from './lib/progress';
import { dataDirectory } from './lib/repository';

async function main(): Promise<void> {
  const stages = createStages(consoleLog);
  const binaries = await stages.run('Find the engines', () => resolveBinaries(consoleLog));
  const [loki, prometheus] = await stages.run('Start Loki and Prometheus', () =>
    Promise.all([
      startLoki({ binary: binaries.loki, dataDirectory: join(dataDirectory, 'loki') }),
      startPrometheus({ binary: binaries.prometheus, dataDirectory: join(dataDirectory, 'prometheus') }),
    ])
  );
  for (const engine of [loki, prometheus]) {
    consoleLog(`${engine.name.padEnd(10)} ${engine.url}   data: ${engine.dataDirectory}   log: ${engine.logFile}`);
  }
  consoleLog('Ctrl-C stops both.');
  const ended = await Promise.race([loki, prometheus].map(async (engine) => ({ engine, exit: await engine.exited })));
  throw new UserError(
    `${ended.engine.name} ended (${ended.exit.signal ?? `code ${ended.exit.code}`}); see ${ended.engine.logFile}`
  );
}

runProgram(main, stopEngines);
