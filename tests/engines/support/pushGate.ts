import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';

import { loopback } from '../../../stack/lib/ports';

export interface PushGate {
  url: string;
  /** Whether requests reach Loki; else they are answered 503, as while a disk is full. */
  isOpen: boolean;
  close(): Promise<void>;
}

/** Stands between a collector and a Loki. */
export async function openGate(lokiUrl: string): Promise<PushGate> {
  const server = createServer((incoming, answer) => {
    if (!gate.isOpen) {
      incoming.resume();
      answer.writeHead(503).end('no');
      return;
    }
    const { method, headers } = incoming;
    const outgoing = request(`${lokiUrl}${incoming.url}`, { method, headers }, (response) => {
      answer.writeHead(response.statusCode ?? 502, response.headers);
      response.pipe(answer);
    });
    outgoing.on('error', () => answer.destroy());
    incoming.pipe(outgoing);
  });
  await new Promise<void>((fulfil) => server.listen(0, loopback, fulfil));
  const gate: PushGate = {
    url: `http://${loopback}:${(server.address() as AddressInfo).port}`,
    isOpen: true,
    close: () =>
      new Promise((fulfil) => {
        server.close(() => fulfil());
        server.closeAllConnections();
      }),
  };
  return gate;
}
