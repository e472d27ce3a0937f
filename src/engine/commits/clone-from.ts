import { buildDirectory } from '../../conversation/clone/new-directory-adapter.ts';
import { type CloneProgress, takeHistory } from '../../conversation/clone/take-history.ts';
import { nameOrigin } from '../../conversation/repository/found-repository-adapter.ts';
import { createRepository } from '../../conversation/repository/repository-adapter.ts';
import { formatHost, parseGitUrl } from '../../conversation/sync/git-url.ts';
import { connectLane } from '../../conversation/sync/socket-lane-adapter.ts';
import { type CommitId, ConversationId } from '../../ids.ts';
import { GIT_PACE_BYTES, SYNC_MS } from '../../limits.ts';
import { nodeClock } from '../node-ports-adapter.ts';

export interface CloneFromOptions {
  /** Called often: about every message of the pack, and for every commit that is judged. */
  readonly onProgress?: (progress: CloneProgress) => void;
  readonly signal?: AbortSignal;
}

export interface Cloned {
  readonly conversation: ConversationId;
  readonly head: CommitId;
  /** Merges included. */
  readonly commits: number;
}

/**
 * Clones a conversation from any git server, `git://HOST[:PORT]/PATH`, into a directory that must not exist or be empty:
 * a repository with a work tree, as `git clone` makes one, in which every commit was judged by the rules first.
 * Where the path is a conversation's id, the history has to be that conversation's. Nobody's account is needed, and none is used.
 *
 * Throws HISTORY_REFUSED with the commit and the rule it breaks, SERVER_UNREACHABLE, GIT_REFUSED, PROTOCOL_BROKEN, MALFORMED,
 * LIMIT_EXCEEDED, TIMED_OUT, CHANNEL_CLOSED, FILE_FAILED, DISK_FULL, USAGE, the signal's reason; then nothing is left behind.
 */
export async function cloneFrom(url: string, directory: string, options: CloneFromOptions = {}): Promise<Cloned> {
  const { signal = new AbortController().signal, onProgress } = options;
  const address = parseGitUrl(url);
  const conversation = ConversationId.safeParse(address.path.slice(1)).data;
  return buildDirectory(directory, async (beside) => {
    await using lane = await connectLane(address, { clock: nodeClock, signal });
    await using repository = await createRepository(beside);
    const taken = await takeHistory(repository, {
      lane,
      request: { path: address.path, host: formatHost(address) },
      clock: nodeClock,
      signal,
      waiting: { waitingMs: SYNC_MS, paceBytes: GIT_PACE_BYTES },
      ...(conversation && { conversation }),
      ...(onProgress && { onProgress }),
    });
    await nameOrigin(beside, { url, head: taken.head });
    return taken;
  });
}
