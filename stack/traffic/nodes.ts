import { startOf, type TrafficParameters } from './parameters';
import type { Random } from './random';

/** A machine of the cluster, whose kubelet is scraped. */
export interface Node {
  name: string;
  /** In seconds since the epoch; it is there in [from, to). */
  from: number;
  to: number;
  /** Seconds after the full interval at which its kubelet is scraped: the targets of a real cluster are spread, too. */
  phase: number;
  /**
   * Whether its series have cAdvisor's `id`, which is another one after each start of a container. Many clusters drop it
   * when they scrape: then a container that is restarted goes on in the same series, from 0.
   */
  hasIds: boolean;
}

/** When the second node is replaced, as a share of the span. */
const replacedAt = 0.45;
/** Both nodes are down in between. */
const replacingSeconds = 140;

/** One node stays; the other one is replaced within the span, so that its pods come back under another `instance`. */
export function createNodes(parameters: TrafficParameters): Node[] {
  const start = startOf(parameters) / 1000;
  const end = parameters.end / 1000;
  const leaves = Math.floor(start + (end - start) * replacedAt) + 1_000;
  return [
    { name: 'node-1', from: start, to: Infinity, phase: 11, hasIds: true },
    { name: 'node-2', from: start, to: leaves, phase: 23, hasIds: false },
    { name: 'node-3', from: leaves + replacingSeconds, to: Infinity, phase: 5, hasIds: false },
  ];
}

/** A node that is there from `start` until `end`, or, where there is none, at least at `start`. */
export function pickNode(nodes: readonly Node[], { start, end }: { start: number; end: number }, random: Random): Node {
  const present = nodes.filter(({ from, to }) => from <= start && start < to);
  const lasting = present.filter(({ to }) => end <= to);
  return random.pick(lasting.length > 0 ? lasting : present);
}
