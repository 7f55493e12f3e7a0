import { type Samples } from './counters/containers';
import { type CpuWindowView } from './window';

/** Nodes on which no container was scraped in steps of time up to each sample, and how many pods lived there. */
export interface NodeFacts {
  readonly stepMs: number;
  readonly nodes: ReadonlyArray<readonly [node: string, pods: Samples]>;
}

/** Windows with the nodes on which their silent pods lived, where that was asked. */
export function withUnscrapedNodes(windows: readonly CpuWindowView[], facts: NodeFacts | undefined): CpuWindowView[] {
  return windows.map((window) =>
    facts === undefined || window.silentPods === 0 ? window : { ...window, unscrapedNodes: nodesIn(window, facts) }
  );
}

function nodesIn({ start, end }: CpuWindowView, { stepMs, nodes }: NodeFacts): Map<string, number> {
  return new Map(
    nodes.flatMap(([node, samples]) => {
      const pods = samples.filter(([at]) => at >= start && at - stepMs < end).map(([, value]) => value);
      return pods.length > 0 ? [[node, Math.max(...pods)]] : [];
    })
  );
}
