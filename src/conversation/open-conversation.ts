import { isSyncError, SyncError } from '../errors.ts';
import type { DeviceKeys } from '../identity/identity.ts';
import type { ConversationId } from '../ids.ts';
import type { Clock, Log } from '../ports.ts';
import { openLogCheckpoint } from './checkpoint/log-checkpoint-adapter.ts';
import { type Conversation, conversationOver } from './conversation.ts';
import { conversationPath } from './conversation-directory-adapter.ts';
import type { CertificateCache } from './judge/certificate-reader.ts';
import { loadLog } from './log/log-state.ts';
import { openRepository } from './repository/repository-adapter.ts';
import { signedBytes } from './write/prepare-commit.ts';
import { followHead } from './write/work-tree.ts';

export interface OpenConversation {
  /** The directory that holds all conversations of the home. */
  readonly directory: string;
  readonly id: ConversationId;
  readonly keys: DeviceKeys;
  readonly clock: Clock;
  readonly signal?: AbortSignal;
  /** What is known of certificates already; several conversations may share it. */
  readonly certificates?: CertificateCache;
  /** Hears of a checkpoint that cannot be written. */
  readonly log?: Pick<Log, 'warn'>;
}

/**
 * Opens a conversation that is there. Throws CONVERSATION_UNKNOWN, SOURCE_UNREADABLE, OBJECT_MISSING, OBJECT_CORRUPT.
 * The log was judged when it came in and is not judged again;
 * what stands in the conversation's checkpoint is not read again either.
 */
export async function openConversation({
  directory,
  id,
  keys,
  clock,
  signal,
  certificates,
  log: report,
}: OpenConversation): Promise<Conversation> {
  const path = conversationPath(directory, id);
  const repository = await openRepository(path, { signAgain: (unsigned) => signedBytes(keys, unsigned) }).catch(
    (error: unknown) => {
      throw isSyncError(error, 'SOURCE_MISSING') ? new SyncError('CONVERSATION_UNKNOWN', { conversation: id }) : error;
    },
  );
  try {
    const checkpoint = openLogCheckpoint(path, id);
    const whole = signal ?? new AbortController().signal;
    const log = await loadLog(repository, { signal: whole, certificates, checkpoint });
    if (log.founding.conversation === id) {
      // A process that was killed may have moved the head and no more.
      await followHead(repository);
      return conversationOver({ id, repository, log, keys, clock, checkpoint, ...(report && { report }) });
    }
    const detail = `it holds the history of ${log.founding.conversation ?? 'no conversation'}`;
    throw new SyncError('SOURCE_UNREADABLE', { path, detail });
  } catch (error) {
    await repository[Symbol.asyncDispose]();
    throw error;
  }
}
