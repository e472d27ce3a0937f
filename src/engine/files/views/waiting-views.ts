import type { ConversationId } from '../../../ids.ts';
import { EVICTIONS_TRIED } from '../../../limits.ts';
import type { FileAnnouncement } from '../../../projections/files.ts';
import type { MissingFile } from '../../../projections/missing-files.ts';
import type { TransferView } from '../../../projections/transfers.ts';
import type { LiveConversation } from '../../conversations/live-conversation.ts';
import type { EngineParts } from '../../engine-parts.ts';
import type { WaitingView } from '../../views.ts';
import type { Planner } from '../fetch/planner.ts';
import { explainWaiting } from './explain-waiting.ts';
import { roomFor } from './room-for.ts';
import { type TransferViewParts, transferViewer } from './transfer-views.ts';

export interface WaitingViewParts extends TransferViewParts, Pick<EngineParts, 'clock' | 'live'> {
  readonly planner: Planner;
}

/** What every missing file waits for, in words as well. */
export function waitingViews(
  shown: ReadonlyMap<ConversationId, LiveConversation>,
  parts: WaitingViewParts,
): readonly WaitingView[] {
  const { planner, clock, keeper } = parts;
  let looked = 0;
  // What keeps one file out keeps most of the others out: it takes a look at every file that is here.
  const roomOf = (wanted: { readonly conversation: ConversationId; readonly file: FileAnnouncement }) =>
    looked++ < EVICTIONS_TRIED ? roomFor(wanted, parts) : undefined;
  return [...shown.values()].flatMap((conversation) => {
    const transfersOf = transferViewer(conversation, parts);
    return planner.waiting(conversation).map((waiting) => {
      const { file, waitsFor, rule, holders } = waiting;
      const { interaction, fileId, displayName, totalSize } = file;
      const isComing = waitsFor.step === 'receive';
      const { state, bytes } = isComing ? withArrived(waiting, transfersOf(interaction, 'receiving')) : waiting;
      const asks = keeper.state().files.get(interaction)?.asks;
      const room = rule === 'over-quota' ? roomOf({ conversation: conversation.id, file }) : undefined;
      const says = explainWaiting(waiting, { now: clock.now(), asks, room });
      return {
        conversation: conversation.id,
        interaction,
        fileId,
        displayName,
        totalSize,
        state,
        bytes,
        rule,
        holders,
        waitsFor,
        says,
      };
    });
  });
}

/** With what the journal has not been told of yet. */
function withArrived({ state, bytes }: MissingFile, transfers: readonly TransferView[]): Omit<MissingFile, 'file'> {
  const arrived = Math.max(bytes, ...transfers.map((transfer) => transfer.bytes));
  return { state: state === 'missing' && arrived > 0 ? 'partial' : state, bytes: arrived };
}
