import { type Gate } from './gate';
import { type Transport } from './transport';

/** A transport whose requests wait for their turn. */
export function gatedTransport(transport: Transport, gate: Gate): Transport {
  return (request) => gate.run(transport(request));
}
