import { readFileSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import { createServer } from 'node:https';
import { type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';

import { loopback } from '../../../stack/lib/ports';

/** Whom a gateway lets through. */
export interface GatewayRules {
  /** The value of `Authorization`. */
  authorization: string;
  /** The only tenant (`X-Scope-OrgID`) that these credentials may read; absent: tenants do not matter. */
  tenant?: string;
}

export interface Gateway {
  /** With https. */
  url: string;
  close(): Promise<void>;
}

/**
 * Certificates that only tests use: an authority that nobody has the key of any more, a server's (127.0.0.1, localhost) that it
 * has signed, valid until 2126, and another authority.
 */
export const tlsFile = (name: 'authority.pem' | 'other-authority.pem' | 'server.pem' | 'server-key.pem'): string =>
  join(__dirname, 'tls', name);

/** Stands in front of an engine with TLS, credentials and tenants, as the gateway of a company does. */
export async function openGateway(engineUrl: string, { authorization, tenant }: GatewayRules): Promise<Gateway> {
  const certificates = { key: readFileSync(tlsFile('server-key.pem')), cert: readFileSync(tlsFile('server.pem')) };
  const server = createServer(certificates, (request, response) => {
    const { headers, method, url } = request;
    const refuse = (status: number, text: string) => {
      request.resume();
      response.writeHead(status, { 'Content-Type': 'text/plain' }).end(text);
    };
    if (headers.authorization !== authorization) {
      return refuse(401, `wrong credentials: ${headers.authorization}`);
    }
    if (tenant !== undefined && headers['x-scope-orgid'] === undefined) {
      return refuse(401, 'no org id');
    }
    if (tenant !== undefined && headers['x-scope-orgid'] !== tenant) {
      return refuse(403, `tenant ${headers['x-scope-orgid']} may not be read`);
    }
    const upstream = httpRequest(`${engineUrl}${url}`, { method, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      void pipeline(answer, response).catch(() => response.destroy());
    });
    upstream.on('error', () => response.destroy());
    void pipeline(request, upstream).catch(() => response.destroy());
  });
  await new Promise<void>((fulfil) => server.listen(0, loopback, fulfil));
  return {
    url: `https://${loopback}:${(server.address() as AddressInfo).port}`,
    async close() {
      server.closeAllConnections();
      await new Promise((fulfil) => server.close(fulfil));
    },
  };
}
