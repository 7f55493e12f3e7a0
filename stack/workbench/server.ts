// Serves the workbench: a page of real @grafana packages that hosts the built plugin, and the part of Grafana's server
// that the page needs, the data source proxy above all. For the loopback address only.
import { readFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { type AddressInfo } from 'node:net';
import { extname, join, normalize } from 'node:path';

import { createProxyFetch } from '../host/proxy';
import { findFreePort, loopback } from '../lib/ports';
import { repositoryRoot } from '../lib/repository';
import { RequestLog } from '../lib/requestLog';
import { bundlePage } from './bundle';
import { grafana12, type PackageSet } from './packageSets';

export interface WorkbenchOptions {
  /** Addresses of the engines; may be changed later through `upstreams`. */
  prometheusUrl: string;
  lokiUrl: string;
  /** Options of the data source. Default: the two uids, so that everything works at once. */
  jsonData?: Record<string, unknown>;
  /** Default: 3300 where it is free. */
  preferredPort?: number;
  /** What the page is made of; has to be installed. Default: Grafana 12. */
  packages?: PackageSet;
}

export interface Workbench {
  /** Base address without a trailing slash. */
  url: string;
  /** What the page asked the engines for. */
  log: RequestLog;
  /** Address of the engine by the uid of its data source; may be changed while the server runs. */
  upstreams: Record<string, string>;
  /** The options as last saved by the page. */
  readonly jsonData: Record<string, unknown>;
  close(): Promise<void>;
}

const types: Record<string, string> = {
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.map': 'application/json',
};

/** Bundles the page where needed and serves it. Rejects when the bundle fails. */
export async function startWorkbench(options: WorkbenchOptions): Promise<Workbench> {
  const { packages = grafana12 } = options;
  const bundle = await bundlePage(packages);
  const log = new RequestLog();
  const upstreams: Record<string, string> = { prometheus: options.prometheusUrl, loki: options.lokiUrl };
  let jsonData = options.jsonData ?? { prometheusUid: 'prometheus', lokiUid: 'loki' };
  const proxy = createProxyFetch({
    target: (uid) => (uid in upstreams ? { type: uid, upstreamUrl: upstreams[uid] } : undefined),
    log,
    // Ends a hang only: the checks of the page do not depend on how fast the machine is.
    firstByteTimeoutMs: 600_000,
  });
  /** Static files by the start of their path. */
  const folders: Record<string, string> = {
    '/workbench/': bundle,
    '/public/plugins/oscar-metrics-datasource/': join(repositoryRoot, 'dist'),
    '/public/build/img/': join(packages.directory, 'node_modules/@grafana/ui/dist/public/img'),
  };

  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const url = new URL(request.url ?? '/', `http://${loopback}`);
    const folder = Object.keys(folders).find((start) => url.pathname.startsWith(start));
    if (url.pathname.startsWith('/api/datasources/proxy/')) {
      await forward(request, response, proxy);
    } else if (url.pathname === '/api/workbench/options') {
      if (request.method === 'PUT') {
        jsonData = JSON.parse(await bodyOf(request));
      }
      response.writeHead(200, { 'Content-Type': 'application/json' }).end(JSON.stringify(jsonData));
    } else if (url.pathname.startsWith('/d/')) {
      // Where links between dashboards lead, as in Grafana.
      const parameters = new URLSearchParams(url.search);
      parameters.set('dashboard', url.pathname.slice('/d/'.length));
      response.writeHead(302, { Location: `/?${parameters}` }).end();
    } else if (url.pathname === '/') {
      const page = await readFile(join(repositoryRoot, 'workbench/page/index.html'), 'utf8');
      response
        .writeHead(200, { 'Content-Type': 'text/html; charset=utf-8' })
        .end(page.replace('%GRAFANA_VERSION%', packages.grafanaVersion));
    } else if (folder) {
      await sendFile(response, join(folders[folder] ?? '', normalize(url.pathname.slice(folder.length - 1))));
    } else {
      response.writeHead(404).end();
    }
  };

  const server = createServer((request, response) => {
    handle(request, response).catch((error: unknown) => {
      response.writeHead(500, { 'Content-Type': 'text/plain' }).end(String(error));
    });
  });
  const port = await findFreePort(options.preferredPort ?? 3300);
  await new Promise<void>((fulfil, reject) => server.once('error', reject).listen(port, loopback, fulfil));
  return {
    url: `http://${loopback}:${(server.address() as AddressInfo).port}`,
    log,
    upstreams,
    get jsonData() {
      return jsonData;
    },
    async close() {
      server.closeAllConnections();
      await new Promise((fulfil) => server.close(fulfil));
    },
  };
}

/** Hands a request of the page to the proxy, and aborts it when the page does. */
async function forward(
  request: IncomingMessage,
  response: ServerResponse,
  proxy: ReturnType<typeof createProxyFetch>
): Promise<void> {
  const controller = new AbortController();
  response.on('close', () => controller.abort());
  const { method = 'GET' } = request;
  // To pack and unpack what goes over the loopback costs more than it saves.
  const headers = new Headers({ 'accept-encoding': 'identity' });
  for (const name of ['accept', 'content-type', 'x-scope-orgid']) {
    const value = request.headers[name];
    if (typeof value === 'string') {
      headers.set(name, value);
    }
  }
  const body = method === 'GET' ? undefined : await bodyOf(request);
  try {
    const answer = await proxy(request.url ?? '', { method, headers, body, signal: controller.signal });
    const bytes = Buffer.from(await answer.arrayBuffer());
    const type = answer.headers.get('content-type');
    response.writeHead(answer.status, { ...(type && { 'Content-Type': type }), 'Content-Length': bytes.length });
    response.end(bytes);
  } catch (error) {
    // An abort, or an engine that ended within its answer: the page sees a broken connection, as behind Grafana.
    response.destroy(error instanceof Error ? error : undefined);
  }
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) {
    chunks.push(chunk as Buffer);
  }
  return Buffer.concat(chunks).toString('utf8');
}

async function sendFile(response: ServerResponse, path: string): Promise<void> {
  try {
    const bytes = await readFile(path);
    response.writeHead(200, { 'Content-Type': types[extname(path)] ?? 'application/octet-stream' }).end(bytes);
  } catch {
    response.writeHead(404).end();
  }
}
