import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { platform } from 'node:os';
import { promisify } from 'node:util';
import { ROUTES_MS } from '../../limits.ts';
import { type DefaultRoute, routesInNetstat, routesInProc } from './default-gateway.ts';

/** The routers that packets to the internet go to, the preferred one first. None where the system does not say. */
export async function readDefaultRoutes(signal: AbortSignal): Promise<readonly DefaultRoute[]> {
  try {
    if (platform() === 'linux') return routesInProc(await readFile('/proc/net/route', { encoding: 'latin1', signal }));
    const { stdout } = await promisify(execFile)('netstat', ['-rn'], { signal, timeout: ROUTES_MS });
    return routesInNetstat(stdout);
  } catch {
    return [];
  }
}
