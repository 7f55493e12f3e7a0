// Finds or builds the engines, and nothing else, so that what takes long is a stage of its own.
import { runProgram } from '../lib/program';
import { consoleLog } from '../lib/progress';
import { resolveBinaries, resolveCollector, resolveVictoriaMetrics } from './binaries';

runProgram(async () => {
  await resolveBinaries(consoleLog);
  await resolveVictoriaMetrics(consoleLog);
  await resolveCollector(consoleLog);
});
