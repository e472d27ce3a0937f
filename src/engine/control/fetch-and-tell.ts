import type { CommitId } from '../../ids.ts';
import type { TransferView } from '../../projections/transfers.ts';
import type { FetchOptions } from '../engine.ts';
import type { ControlHandler } from './control-protocol.ts';

/** What it needs of a conversation. */
export interface FetchedConversation {
  findFile(word: string): { readonly interaction: CommitId };
  changes(options: { signal: AbortSignal }): AsyncIterable<{
    readonly kind: string;
    readonly transfer?: Pick<TransferView, 'direction' | 'interaction'>;
  }>;
  fetch(options: FetchOptions): AsyncIterable<unknown>;
}

export interface FetchRequest {
  /** As a person names them; all that are missing without it. */
  readonly files?: readonly string[];
  readonly wait: boolean;
}

/** Fetches files. Emits `{ transfer }` while those that are meant move, and `{ outcome }` as each ends. */
export async function fetchAndTell(
  conversation: FetchedConversation,
  { files, wait }: FetchRequest,
  { emit, signal }: Parameters<ControlHandler>[1],
): Promise<void> {
  const interactions = files?.map((file) => conversation.findFile(file).interaction);
  const named = interactions && new Set(interactions);
  const over = new AbortController();
  const progress = (async () => {
    for await (const { transfer } of conversation.changes({ signal: AbortSignal.any([signal, over.signal]) })) {
      const isMeant = transfer?.direction === 'receiving' && (named?.has(transfer.interaction) ?? true);
      if (isMeant) emit({ transfer });
    }
  })();
  try {
    for await (const outcome of conversation.fetch({ wait, signal, ...(interactions && { interactions }) }))
      emit({ outcome });
  } finally {
    over.abort();
    await progress;
  }
}
