/** Transfers as they stand, from the log, the journal, the plan and what moves at this moment. */
import type { AccountUri, CommitId, DeviceId } from '../../../ids.ts';
import { announcedFiles, type FileAnnouncement } from '../../../projections/files.ts';
import { heldBy } from '../../../projections/journal/holdings.ts';
import { activeDevices } from '../../../projections/members.ts';
import { holdOn } from '../../../projections/plan/wanting.ts';
import { directionsOf, type TransferView, transferView } from '../../../projections/transfers.ts';
import type { LiveConversation } from '../../conversations/live-conversation.ts';
import type { EngineParts } from '../../engine-parts.ts';
import type { Planner } from '../fetch/planner.ts';

export interface TransferViewParts extends Pick<EngineParts, 'keys' | 'keeper' | 'progress'> {
  readonly planner: Pick<Planner, 'world'>;
}

type Direction = TransferView['direction'];

/** Every transfer of the conversation, oldest announcement first; a file that is received and served has two. */
export function transferViews(conversation: LiveConversation, parts: TransferViewParts): readonly TransferView[] {
  const view = viewer(conversation, parts);
  return [...announcedFiles(conversation.states().files)].flatMap((file) =>
    directionsHere(file, parts).map((direction) => view(file, direction)),
  );
}

/** Looks up transfers file by file: of all directions a file moves or is to move in, or of one only. */
export function transferViewer(
  conversation: LiveConversation,
  parts: TransferViewParts,
): (interaction: CommitId, only?: Direction) => readonly TransferView[] {
  const view = viewer(conversation, parts);
  return (interaction, only) => {
    const file = conversation.states().files.announced.get(interaction);
    if (!file) return [];
    const directions = directionsHere(file, parts).filter((direction) => only === undefined || direction === only);
    return directions.map((direction) => view(file, direction));
  };
}

function directionsHere(file: FileAnnouncement, { keys, keeper }: TransferViewParts): readonly Direction[] {
  return directionsOf(file, { record: keeper.state().files.get(file.interaction), self: keys.device });
}

function viewer(
  { id: conversation, states }: LiveConversation,
  { keeper, planner, progress }: TransferViewParts,
): (file: FileAnnouncement, direction: Direction) => TransferView {
  const world = planner.world();
  const owners = new Map<DeviceId, AccountUri>();
  for (const { device, account } of activeDevices(states().members)) owners.set(device, account);
  const sources = world.sourcesOf(conversation);
  for (const { device, account } of sources) owners.set(device, account);
  const others = sources.map(({ device }) => device);
  const { files, holdings } = keeper.state();
  return (file, direction) => {
    const { interaction } = file;
    const record = files.get(interaction);
    return progress.refresh(
      transferView({
        ...{ conversation, file, record, direction, others },
        hold: () => holdOn({ conversation, file, record }, world).hold,
        isHeldBy: (device) => heldBy(holdings, { conversation, interaction, device }) === 'has',
        accountOf: (device) => owners.get(device),
      }),
    );
  };
}
