import { basename } from 'node:path';
import { newTransferId } from '../conversation/decisions/announce-file.ts';
import { SyncError } from '../errors.ts';
import { fileIdOf } from '../events/file-id.ts';
import type { FileStamp, StagedFile } from '../fetcher/ports.ts';
import type { CommitId, Digest, FileId } from '../ids.ts';
import { transferView } from '../projections/transfers.ts';
import type { SentFile } from './engine.ts';
import type { EngineParts } from './engine-parts.ts';
import type { Intents } from './intents.ts';
import type { LiveConversation } from './live-conversation.ts';

export type SendFileParts = EngineParts & { readonly intents: Intents };

export interface SendFile {
  readonly path: string;
  readonly displayName?: string;
  readonly signal?: AbortSignal;
}

/**
 * Announces a file and keeps its bytes under its name, ready for whoever asks. The bytes are in the folder before they are
 * hashed and before they are announced, so that a crash never leaves an announcement without its bytes.
 * Throws FILE_FAILED, also for a file that changes meanwhile, DISK_FULL, REFUSED.
 */
export async function sendFile(
  conversation: LiveConversation,
  parts: SendFileParts,
  { path, displayName = basename(path), signal = parts.signal }: SendFile,
): Promise<SentFile> {
  const { intents, random, keeper, progress } = parts;
  const tid = newTransferId(random);
  const staged = await conversation.store.stage(path, tid);
  try {
    const { digest: sha3sum, stamp } = await identify(staged, path, {
      ...parts,
      signal: AbortSignal.any([signal, parts.signal]),
    });
    const { size: totalSize } = stamp;
    const interaction = await intents.carryOut(conversation, {
      kind: 'announce-file',
      displayName,
      sha3sum,
      totalSize,
      tid,
    });
    const fileId = fileIdOf(interaction.id, { tid, displayName });
    await place(staged, { conversation, interaction: interaction.id, fileId, stamp }, parts);
    return {
      interaction,
      fileId,
      transfer: () => {
        const record = keeper.state().files.get(interaction.id);
        const view = record && transferView(conversation.states().files, record, 'serving');
        return view && progress.refresh(view);
      },
    };
  } catch (error) {
    await staged.discard();
    throw error;
  }
}

/** The digest of the staged file, and the stamp it has with it. */
async function identify(
  staged: StagedFile,
  path: string,
  { digester, signal }: Pick<EngineParts, 'digester' | 'signal'>,
): Promise<{ readonly digest: Digest; readonly stamp: FileStamp }> {
  const stamp = await staged.stamp();
  const digest = await digester.ofFile(staged.path, { signal });
  const after = await staged.stamp();
  if (after.size === stamp.size && after.mtimeMs === stamp.mtimeMs) return { digest, stamp };
  throw new SyncError('FILE_FAILED', { path, detail: 'it changed while it was being read; send it again' });
}

interface Placing {
  readonly conversation: LiveConversation;
  readonly interaction: CommitId;
  readonly fileId: FileId;
  /** What the file looked like when it was hashed. */
  readonly stamp: FileStamp;
}

/** A file that changed since it was hashed gets its name, but no word of ours: the next scan says what it is. */
async function place(
  staged: StagedFile,
  { conversation: { id: conversation }, interaction, fileId, stamp }: Placing,
  { keeper, clock }: Pick<EngineParts, 'keeper' | 'clock'>,
): Promise<void> {
  const placed = await staged.place(fileId);
  if (placed.size !== stamp.size || placed.mtimeMs !== stamp.mtimeMs) return;
  keeper.record({ kind: 'file-verified', conversation, interaction, fileId, ...placed, at: clock.now() });
  await keeper.flushed();
}
