import { Agent, createServer, type IncomingMessage, request as httpRequest, type ServerResponse } from 'node:http';
import { type AddressInfo } from 'node:net';

import { loopback } from '../lib/ports';

/** A request on its way to an engine. */
export interface Passage {
  method: string;
  /** Without parameters. */
  path: string;
  /** Path, parameters and form: equal texts are the same question. */
  text: string;
  /**
   * Asks the engine; the answer is not read yet. It is asked in plain text, so that what is read can be changed, unless
   * `isCoded` leaves the client's choice. Ends with the client's interest. Rejects when there is no answer.
   */
  forward(isCoded?: boolean): Promise<IncomingMessage>;
}

/** Answers a request. An error breaks the connection off. */
export type Pass = (passage: Passage, response: ServerResponse) => void | Promise<void>;

export interface Proxy {
  /** Base address without a trailing slash. */
  url: string;
  /** Requests under way. */
  readonly open: number;
  close(): Promise<void>;
}

/** Stands between a client and an engine at an address that is read anew for each request; `pass` says what happens. */
export async function openProxy(engineUrl: () => string, pass: Pass): Promise<Proxy> {
  const agent = new Agent({ keepAlive: true });
  let open = 0;

  const passageOf = async (request: IncomingMessage, response: ServerResponse): Promise<Passage> => {
    const { method = 'GET', url = '', headers } = request;
    const form = await bodyOf(request);
    const { 'accept-encoding': _, ...plain } = headers;
    const forward = (isCoded = false) =>
      new Promise<IncomingMessage>((fulfil, reject) => {
        const options = { method, headers: isCoded ? headers : plain, agent };
        const upstream = httpRequest(`${engineUrl()}${url}`, options, fulfil).on('error', reject);
        response.on('close', () => upstream.destroy());
        upstream.end(form);
      });
    return { method, path: url.split('?')[0] ?? '', text: `${url} ${form.toString('utf8')}`, forward };
  };

  const server = createServer((request, response) => {
    open += 1;
    response.on('close', () => (open -= 1));
    void passageOf(request, response)
      .then((passage) => pass(passage, response))
      .catch(() => response.destroy());
  });
  await new Promise<void>((fulfil) => server.listen(0, loopback, fulfil));
  return {
    url: `http://${loopback}:${(server.address() as AddressInfo).port}`,
    get open() {
      return open;
    },
    async close() {
      server.closeAllConnections();
      agent.destroy();
      await new Promise((fulfil) => server.close(fulfil));
    },
  };
}

/** All that a request or an answer says. Rejects when it breaks off. */
export async function bodyOf(stream: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) {
    chunks.push(chunk as Buffer);
  }
  return Buffer.concat(chunks);
}
