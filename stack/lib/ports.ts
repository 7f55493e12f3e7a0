import getPort, { clearLockedPorts } from 'get-port';

export const loopback = '127.0.0.1';

/**
 * A TCP port that is free on the loopback address now: the preferred one (0: none), else one that the system picks. Another
 * process can take it before the caller does, so a caller must be ready to try again.
 */
export function findFreePort(preferred?: number): Promise<number> {
  if (preferred) {
    // The library gives no port twice within half a minute; an engine that is started again wants the one that it had.
    clearLockedPorts();
  }
  return getPort({ port: preferred, host: loopback });
}
