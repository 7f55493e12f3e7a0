import { execFile } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { findFreePort } from '../../../stack/lib/ports';
import { readDeployed } from './deployFiles';
import { type Served, serve } from './served';

const run = promisify(execFile);
const usual = '/usr/sbin/nginx';

/** Path of nginx; on a Debian it is installed where it is absent. Throws with what is missing. */
async function findNginx(): Promise<string> {
  for (const path of [...(process.env.PATH ?? '').split(':').map((folder) => join(folder, 'nginx')), usual]) {
    if (existsSync(path)) {
      return path;
    }
  }
  // In this run level Debian starts no service that it installs: the tests start it with their own configuration.
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' };
  try {
    await run('apt-get', ['update', '--quiet'], { env });
    await run('apt-get', ['install', '--quiet', '--yes', '--no-install-recommends', 'nginx-light'], { env });
  } catch (error) {
    throw new Error(
      `nginx is needed for the gateway in front of Loki (Debian: apt-get install nginx-light): ${String(error)}`
    );
  }
  return usual;
}

/** Starts nginx with the gateway's configuration in front of another Loki, with its files in a folder. */
export async function startGateway(directory: string, lokiUrl: string): Promise<Served> {
  const port = await findFreePort();
  const text = readDeployed('gateway/nginx.conf')
    .replace('server loki:3100;', `server ${new URL(lokiUrl).host};`)
    .replace('listen 8080;', `listen 127.0.0.1:${port};`)
    .replaceAll('/tmp/', `${directory}/`);
  const file = join(directory, 'nginx.conf');
  writeFileSync(file, text);
  const given = ['-c', file, '-p', directory, '-g', 'daemon off; master_process off;'];
  return serve(await findNginx(), given, `http://127.0.0.1:${port}/-/ready`);
}
