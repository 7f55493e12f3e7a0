import { createServer } from 'node:net';

import { systemErrorCode } from './errors';

export const loopback = '127.0.0.1';

/**
 * A TCP port that is free on the loopback address now: the preferred one, else one that the system picks. Another
 * process can take it before the caller does, so a caller must be ready to try again.
 */
export async function findFreePort(preferred?: number): Promise<number> {
  if (preferred !== undefined) {
    try {
      return await probe(preferred);
    } catch (error) {
      const code = systemErrorCode(error);
      if (code !== 'EADDRINUSE' && code !== 'EACCES') {
        throw error;
      }
    }
  }
  return probe(0);
}

function probe(port: number): Promise<number> {
  return new Promise((fulfil, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen({ port, host: loopback, exclusive: true }, () => {
      const address = server.address();
      server.close(() =>
        typeof address === 'object' && address !== null ? fulfil(address.port) : reject(new Error('no port assigned'))
      );
    });
  });
}
