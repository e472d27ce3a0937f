/** The daemon of the machine's git, on a port of its own. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';

export interface StockDaemon extends AsyncDisposable {
  readonly port: number;
}

/** `git daemon` for all repositories in a folder. */
export async function stockDaemon(folder: string): Promise<StockDaemon> {
  // Somebody else may take the port before the daemon does.
  for (let triesLeft = 3; ; triesLeft -= 1) {
    const port = await freePort();
    const daemon = await startDaemon(folder, port);
    if (daemon !== undefined) return daemon;
    if (triesLeft === 0) throw new Error('git daemon ended');
  }
}

/** Undefined when it cannot listen on the port. */
async function startDaemon(folder: string, port: number): Promise<StockDaemon | undefined> {
  const words = ['daemon', '--reuseaddr', '--verbose', '--export-all', `--listen=127.0.0.1`, `--port=${port}`];
  const daemon = spawn('git', ['-c', 'safe.directory=*', ...words, `--base-path=${folder}`, folder], {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { ...process.env, GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_SYSTEM: '/dev/null' },
    detached: true,
  });
  const isReady = await new Promise<boolean>((resolve) => {
    daemon.once('close', () => resolve(false));
    daemon.stderr.on('data', (text: Buffer) => text.includes('Ready to rumble') && resolve(true));
  });
  if (!isReady) return undefined;
  return {
    port,
    async [Symbol.asyncDispose]() {
      const closed = once(daemon, 'close');
      process.kill(-(daemon.pid ?? 0), 'SIGKILL');
      await closed;
    },
  };
}

/** A port that nobody listened on a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new TypeError('no TCP address');
  return address.port;
}
