/** Where a home's control socket is: in the home, or elsewhere when the home's own path is too long for a socket. */
import { mkdtemp, readFile, rm, rmdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';

/** Longest path a Unix socket may have on every system (`sun_path`, less room for the NUL). */
const SOCKET_PATH_BYTES = 100;
const SOCKET = 'control.sock';
/** Says where the socket is when the home's own path is too long for one. */
const POINTER = 'control.path';

/** Where to listen. An address elsewhere is written down in the home. */
export async function chooseControlAddress(home: string): Promise<string> {
  const inHome = join(home, SOCKET);
  if (Buffer.byteLength(inHome) <= SOCKET_PATH_BYTES) return inHome;
  await removeFormer(home);
  const elsewhere = join(await mkdtemp(join(tmpdir(), 'swarmlog-')), SOCKET);
  await writeFile(join(home, POINTER), elsewhere, { mode: 0o600 });
  return elsewhere;
}

/** Of an engine that was killed. The pointer is believed no further than that a socket of that name may go, and an empty folder. */
async function removeFormer(home: string): Promise<void> {
  const path = await readFile(join(home, POINTER), 'utf8').catch(() => '');
  if (basename(path) !== SOCKET) return;
  await rm(path, { force: true }).catch(() => {});
  await rmdir(dirname(path)).catch(() => {});
}

/** Where to ask. */
export async function findControlAddress(home: string): Promise<string> {
  const inHome = join(home, SOCKET);
  if (Buffer.byteLength(inHome) <= SOCKET_PATH_BYTES) return inHome;
  return readFile(join(home, POINTER), 'utf8').catch(() => inHome);
}
