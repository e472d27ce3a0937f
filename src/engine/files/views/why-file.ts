import { SyncError } from '../../../errors.ts';
import { humanSpan } from '../../../human-span.ts';
import type { CommitId } from '../../../ids.ts';
import type { SubTransfer } from '../../../projections/journal/sub-transfers.ts';
import type { KnownFile } from '../../../projections/plan/serving-order.ts';
import { type Giving, givingOf, type HoldersView, holdersOf, whyDevices } from '../../../projections/plan/why.ts';
import type { TransferView } from '../../../projections/transfers.ts';
import { holdingBan } from '../../conversations/ban-view.ts';
import type { LiveConversation } from '../../conversations/live-conversation.ts';
import type { EngineParts } from '../../engine-parts.ts';
import type { WhyView } from '../../views.ts';
import type { Planner } from '../fetch/planner.ts';
import { explainAsk, explainWaiting } from './explain-waiting.ts';
import { roomFor } from './room-for.ts';
import { transferViewer } from './transfer-views.ts';

export interface WhyParts extends Pick<EngineParts, 'keeper' | 'keys' | 'live' | 'progress'> {
  readonly planner: Pick<Planner, 'waitingIn' | 'world'>;
}

/** All that decides about the fetching of a file. Throws INTERACTION_UNKNOWN. */
export function whyFile(conversation: LiveConversation, interaction: CommitId, parts: WhyParts): WhyView {
  const known = knownFile(conversation, interaction, parts);
  const { planner } = parts;
  const world = planner.world();
  const waiting = planner.waitingIn(conversation)(interaction);
  const room = waiting?.rule === 'over-quota' ? roomFor(known, parts) : undefined;
  const says = waiting && explainWaiting(waiting, { now: world.now, asks: known.record?.asks, room });
  const giving = givingOf(known);
  const ban = holdingBan(conversation, parts.keeper.state());
  const [serving] = giving ? transferViewer(conversation, parts)(interaction, 'serving') : [];
  const { fileId, displayName, totalSize, isDeleted } = known.file;
  return {
    now: world.now,
    ...{ conversation: conversation.id, interaction, fileId, displayName, totalSize },
    state: waiting?.state ?? (isDeleted ? 'deleted' : 'complete'),
    ...(waiting && says !== undefined && { rule: waiting.rule, waitsFor: waiting.waitsFor, says }),
    ...(giving && { giving: { ...giving, ...(giving.to === 'nobody' && { says: explainGiving(giving, world.now) }) } }),
    ...(ban && { ban }),
    holders: holdersOf(known, world),
    devices: whyDevices(known, world).map((device) => ({
      ...device,
      ...(device.taking && { taking: refreshed(device.taking, serving) }),
      ...(device.lastTry && { lastTrySays: explainAsk(device.lastTry) }),
    })),
  };
}

/** With what moved since the journal last said so. */
function refreshed(taking: SubTransfer, serving: TransferView | undefined): SubTransfer {
  const live = serving?.subTransfers.find(({ peer }) => peer === taking.peer);
  return live ? { ...taking, bytes: live.bytes } : taking;
}

/** Why nobody gets it, and how that ends. */
function explainGiving(giving: Giving & { readonly to: 'nobody' }, now: number): string {
  if (giving.because === 'deleted') return 'this device gives it to nobody: its message was taken back';
  const { because, since } = giving;
  const until = because === 'paused' ? 'resume' : 'retry';
  const ago = humanSpan(Math.max(0, now - since));
  return `this device gives it to nobody: it was ${because} here ${ago} ago, until somebody says ${until}`;
}

/** How many devices are known to hold the file. Throws INTERACTION_UNKNOWN. */
export function fileHolders(conversation: LiveConversation, interaction: CommitId, parts: WhyParts): HoldersView {
  return holdersOf(knownFile(conversation, interaction, parts), parts.planner.world());
}

function knownFile({ id, states }: LiveConversation, interaction: CommitId, { keeper }: WhyParts): KnownFile {
  const file = states().files.announced.get(interaction);
  if (!file) throw new SyncError('INTERACTION_UNKNOWN', { conversation: id, interaction });
  return { conversation: id, file, record: keeper.state().files.get(interaction) };
}
