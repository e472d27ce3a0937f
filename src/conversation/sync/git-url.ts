import { SyncError } from '../../errors.ts';

/** Where a repository is served by git's own daemon protocol. */
export interface GitUrl {
  readonly host: string;
  readonly port: number;
  /** With a slash before it. */
  readonly path: string;
}

/** The port of git's daemon, registered for it. */
const GIT_PORT = 9418;

/** `git://host/path`, `git://host:port/path`, `git://[::1]/path`. Throws USAGE for anything else. */
export function parseGitUrl(text: string): GitUrl {
  const match = /^git:\/\/(?:\[([0-9a-fA-F:.]+)\]|([^:/[\]\s@]+))(?::([0-9]{1,5}))?(\/\S+)$/.exec(text);
  const host = match?.[1] ?? match?.[2];
  const port = Number(match?.[3] ?? GIT_PORT);
  const path = match?.[4] === undefined ? undefined : decodePath(match[4]);
  if (host === undefined || path === undefined || port < 1 || port > 65_535) {
    const detail = `"${text}" is no address to clone from; give git://HOST[:PORT]/PATH, as "swarmlog git-serve" prints it.`;
    throw new SyncError('USAGE', { detail });
  }
  return { host, port, path };
}

export function formatGitUrl({ host, port, path }: GitUrl): string {
  return `git://${formatHost({ host, port })}${path}`;
}

/** As in the request line, and in messages. */
export function formatHost({ host, port }: Pick<GitUrl, 'host' | 'port'>): string {
  return `${host.includes(':') ? `[${host}]` : host}:${port}`;
}

/** As git does: `%20` in an address is a space in the path. Undefined for a path that would not fit a line. */
function decodePath(text: string): string | undefined {
  try {
    const path = decodeURIComponent(text);
    return /\p{Cc}/u.test(path) ? undefined : path;
  } catch {
    return undefined;
  }
}
