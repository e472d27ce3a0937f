import { basename } from 'node:path';
import { commitLinks } from '../../conversation/repository/objects/commit-links.ts';
import { openSource } from '../../conversation/repository/open-source-adapter.ts';
import type { RepositoryReader } from '../../conversation/repository/repository.ts';
import { runGitDaemon, type ServedConnection } from '../../conversation/sync/git-daemon-adapter.ts';
import { formatGitUrl } from '../../conversation/sync/git-url.ts';
import { pathOf } from '../../conversation/sync/request-line.ts';
import { SyncError } from '../../errors.ts';
import { CommitId, type ConversationId, conversationFoundedBy } from '../../ids.ts';
import { readInterfaces } from '../../net/addresses/interfaces-adapter.ts';
import { networkOf } from '../../net/ip-address.ts';
import { nodeClock } from '../node-ports-adapter.ts';
import { dialableHosts } from './dialable-hosts.ts';

export interface ServeGitOptions {
  /**
   * The address to listen on; 127.0.0.1 by default. `0.0.0.0` is every IPv4 address of this machine, `::` and `any` are all of both
   * families. There is no password: whoever reaches it can read the conversation.
   */
  readonly host?: string;
  /** Any free one by default. */
  readonly port?: number;
  /** Called when a connection is over. */
  readonly onServed?: (connection: ServedConnection) => void;
  /** Ends it as disposing does. */
  readonly signal?: AbortSignal;
}

/** Disposing hangs up on everybody and frees the port. */
export interface GitServer extends AsyncDisposable {
  /** `git://HOST:PORT/<conversation>`, as `git clone` takes it: the first one of `urls`. */
  readonly url: string;
  /**
   * One for each address of this machine that it listens on, those that reach further first. Addresses that come later
   * are not among them.
   */
  readonly urls: readonly string[];
  readonly conversation: ConversationId;
  /** When it began; who connects later gets the head of then. */
  readonly head: CommitId;
}

/**
 * Serves a work tree, git directory, bare repository or bundle to any git, read-only: clone, fetch, shallow, `ls-remote`.
 * Checks none of its rules. Throws SOURCE_MISSING, SOURCE_UNREADABLE, OBJECT_MISSING, OBJECT_CORRUPT, LISTEN_FAILED.
 */
export async function serveGit(source: string, options: ServeGitOptions = {}): Promise<GitServer> {
  const { host = '127.0.0.1', port = 0, signal = new AbortController().signal, onServed } = options;
  const repository = await openSource(source, { signal });
  try {
    const head = await requireHead(repository);
    const conversation = conversationFoundedBy(
      (await rootNamedBy(source, repository)) ?? (await rootBelow(repository, head)),
    );
    const daemon = await runGitDaemon(repository, {
      ...{ conversation, host, port, signal, clock: nodeClock, callerAt: networkOf },
      ...(onServed && { onServed }),
    });
    const urlAt = (address: string) => formatGitUrl({ host: address, port: daemon.port, path: pathOf(conversation) });
    const urls = dialableHosts(host, readInterfaces()).map(urlAt);
    return {
      ...{ url: urls[0] ?? urlAt(host), urls },
      conversation,
      head,
      async [Symbol.asyncDispose]() {
        await daemon[Symbol.asyncDispose]();
        await repository[Symbol.asyncDispose]();
      },
    };
  } catch (error) {
    await repository[Symbol.asyncDispose]();
    throw error;
  }
}

async function requireHead(repository: RepositoryReader): Promise<CommitId> {
  const head = await repository.head();
  if (head !== undefined) return head;
  throw new SyncError('SOURCE_UNREADABLE', { path: repository.path, detail: 'it holds no commit' });
}

/** A conversation's folder bears the id of its first commit, so that nothing has to be walked for it. */
async function rootNamedBy(source: string, { objects }: RepositoryReader): Promise<CommitId | undefined> {
  const id = CommitId.safeParse(basename(source, '.git')).data;
  if (id === undefined || !(await objects.has(id))) return undefined;
  const { type, bytes } = await objects.read(id);
  return type === 'commit' && commitLinks(bytes).parents.length === 0 ? id : undefined;
}

/** The commit without parents that the first parents lead to. */
async function rootBelow({ objects }: RepositoryReader, head: CommitId): Promise<CommitId> {
  let id = head;
  for (let next: CommitId | undefined = head; next !== undefined; ) {
    id = next;
    next = commitLinks((await objects.read(id)).bytes).parents[0];
  }
  return id;
}
