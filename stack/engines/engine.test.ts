import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { check } from 'proper-lockfile';

import { repositoryRoot } from '../lib/repository';
import { startEngine, stopEngines, type EngineKind } from './engine';

/** Whether a process with this id exists. */
function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

/** Stands in for an engine: answers on its port, and ends with code 0 on SIGTERM. */
const honestEngine = `
  const [, port, directory] = process.argv;
  const server = require('http').createServer(({ url }, response) => response.end(url === '/config' ? directory : 'ready'));
  server.listen(port, '127.0.0.1');
  process.on('SIGTERM', () => process.exit(0));
`;

function kindRunning(script: string, dataDirectory: string): EngineKind {
  return {
    name: 'loki',
    defaultPort: 39_100,
    readyPath: '/ready',
    configurationPath: '/config',
    prepare: async (port) => ['-e', script, String(port), dataDirectory],
  };
}

describe('startEngine', () => {
  let dataDirectory: string;
  const start = (script: string, readyTimeoutMilliseconds?: number) =>
    startEngine(kindRunning(script, dataDirectory), {
      binary: process.execPath,
      dataDirectory,
      readyTimeoutMilliseconds,
    });

  beforeEach(() => {
    dataDirectory = mkdtempSync(join(tmpdir(), 'engine-'));
  });
  afterEach(async () => {
    await stopEngines();
    rmSync(dataDirectory, { recursive: true });
  });

  it('gives back an engine that answers, and stops it in order', async () => {
    const engine = await start(honestEngine);
    expect(await (await fetch(`${engine.url}/ready`)).text()).toBe('ready');
    await engine.stop();
    await expect(engine.exited).resolves.toEqual({ code: 0, signal: null });
    await engine.stop();
    expect(isAlive(engine.pid)).toBe(false);
  });

  it('ends an engine at once when asked to', async () => {
    const engine = await start(honestEngine);
    await engine.kill();
    await expect(engine.exited).resolves.toEqual({ code: null, signal: 'SIGKILL' });
  });

  it('can start again on the same data', async () => {
    await (await start(honestEngine)).stop();
    await (await start(honestEngine)).stop();
  });

  it('takes another port when the preferred one is in use', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await new Promise((fulfil) => server.once('listening', fulfil));
    const address = server.address();
    const taken = typeof address === 'object' && address !== null ? address.port : 0;
    const engine = await startEngine(kindRunning(honestEngine, dataDirectory), {
      binary: process.execPath,
      dataDirectory,
      preferredPort: taken,
    });
    expect(engine.port).not.toBe(taken);
    server.close();
  });

  it('does not take another program at its port for the engine', async () => {
    const script = honestEngine.replace('directory : ', "'/another/folder' : ");
    const waiting = start(script, 1_000);
    await expect(waiting).rejects.toThrow('another program answers at its port');
  });

  it('says how it ended and what it printed when it does not start', async () => {
    await expect(start('console.error("no such option: speed"); process.exit(3)')).rejects.toThrow(
      /loki did not start: it ended with code 3\nno such option: speed/
    );
  });

  it('does not wait for ever, and leaves nothing running', async () => {
    const script = 'require("fs").writeSync(1, String(process.pid)); setInterval(() => {}, 1000)';
    const logFile = join(dataDirectory, 'loki.log');
    const pid = () => (existsSync(logFile) ? Number(readFileSync(logFile, 'utf8')) : 0);
    // Time passes once the process is there.
    const now = Date.now();
    const clock = jest.spyOn(Date, 'now').mockImplementation(() => now + (pid() > 0 ? 1_000 : 0));
    await expect(start(script, 1_000)).rejects.toThrow('not ready after 1 s');
    clock.mockRestore();
    expect(pid()).toBeGreaterThan(0);
    expect(isAlive(pid())).toBe(false);
  });

  it('names a program that cannot be started', async () => {
    const options = { binary: '/no/such/program', dataDirectory };
    await expect(startEngine(kindRunning(honestEngine, dataDirectory), options)).rejects.toThrow('/no/such/program');
  });

  it('ends the engine when the program that started it is killed', async () => {
    const program = `
      require('./stack/engines/engine.ts')
        .startEngine(
          { name: 'loki', defaultPort: 39200, readyPath: '/', configurationPath: '/config', prepare: async (port) => ['-e', process.argv[2], port, process.argv[1]] },
          { binary: process.execPath, dataDirectory: process.argv[1] }
        )
        .then((engine) => console.log(engine.pid));
    `;
    const parent = spawn(process.execPath, ['--import', 'tsx', '-e', program, dataDirectory, honestEngine], {
      cwd: repositoryRoot,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const pid = await new Promise<number>((fulfil) => parent.stdout.on('data', (text) => fulfil(Number(text))));
    expect(isAlive(pid)).toBe(true);
    parent.kill('SIGKILL');
    while (isAlive(pid)) {
      await sleep(50);
    }
    // Its data are free again as soon as it has ended.
    await (await start(honestEngine)).stop();
  });

  it('keeps its data to itself while it runs', async () => {
    const engine = await start(honestEngine);
    const inUse = join(dataDirectory, 'in-use');
    expect(await check(inUse, { realpath: false })).toBe(true);
    await engine.stop();
    expect(await check(inUse, { realpath: false })).toBe(false);
  });
});
