import { mkdir, writeFile } from 'node:fs/promises';
import { Session, type Profiler } from 'node:inspector/promises';
import { join, relative } from 'node:path';

import { type Log } from '../stack/lib/progress';
import { repositoryRoot } from '../stack/lib/repository';
import { flameGraph, type FlameNode } from './flameGraph';
import { type BenchWork } from './works';

const samplingMicroseconds = 500;

/**
 * Runs each row once more and writes what kept the client's thread busy as a flame graph (SVG), and as a `.cpuprofile` that Chrome's
 * developer tools open. Loki's own profile is at `/debug/pprof/profile` of its address.
 */
export async function profileEach(works: readonly BenchWork[], directory: string, log: Log): Promise<void> {
  await mkdir(directory, { recursive: true });
  for (const { name, run } of works) {
    const session = new Session();
    session.connect();
    await session.post('Profiler.enable');
    await session.post('Profiler.setSamplingInterval', { interval: samplingMicroseconds });
    await session.post('Profiler.start');
    await run();
    const { profile } = await session.post('Profiler.stop');
    session.disconnect();
    const file = join(directory, name);
    await writeFile(`${file}.cpuprofile`, JSON.stringify(profile));
    await writeFile(`${file}.svg`, flameGraph(treeOf(profile), `${name}: the client's thread`));
    log(`   flame graph of ${name}: ${relative(repositoryRoot, file)}.svg`);
  }
}

/** What V8 adds beside functions, and which is no work. */
const idle = new Set(['(idle)', '(program)', '(root)']);

/** The busy time of each function below its callers, in ms. */
function treeOf({ nodes, samples = [], timeDeltas = [] }: Profiler.Profile): FlameNode {
  const own = new Map<number, number>();
  samples.forEach((id, index) => own.set(id, (own.get(id) ?? 0) + (timeDeltas[index] ?? 0) / 1000));
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const build = (id: number): FlameNode => {
    const { callFrame, children = [] } = byId.get(id) as Profiler.ProfileNode;
    const below = children.map(build).filter(({ ms }) => ms > 0);
    const isIdle = idle.has(callFrame.functionName);
    const file = callFrame.url.split('/').at(-1) ?? '';
    return {
      name: `${callFrame.functionName || '(anonymous)'}${file && ` ${file}:${callFrame.lineNumber + 1}`}`,
      ms: (isIdle ? 0 : (own.get(id) ?? 0)) + below.reduce((sum, { ms }) => sum + ms, 0),
      below,
    };
  };
  return build(nodes[0]?.id ?? 0);
}
