/** Transfers as they stand, from the log, the journal, the policy and what moves at this moment. */
import type { AccountUri, CommitId, DeviceId } from '../ids.ts';
import { announcedFiles, type FileAnnouncement } from '../projections/files.ts';
import { activeDevices } from '../projections/members.ts';
import { rule } from '../projections/policy/rule.ts';
import { directionsOf, type TransferView, transferView } from '../projections/transfers.ts';
import type { EngineParts } from './engine-parts.ts';
import type { LiveConversation } from './live-conversation.ts';

export type TransferViewParts = Pick<EngineParts, 'keys' | 'keeper' | 'progress' | 'policy'>;

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

/** Whether the file would be fetched: the user asked for it, or the policy wants it and there is room. */
export function isWanted(
  { id: conversation }: Pick<LiveConversation, 'id'>,
  file: FileAnnouncement,
  { keeper, policy }: Pick<EngineParts, 'keeper' | 'policy'>,
): boolean {
  const { files, held } = keeper.state();
  return rule(policy, { conversation, file, record: files.get(file.interaction), room: { held, free: undefined } })
    .fetch;
}

function directionsHere(file: FileAnnouncement, { keys, keeper }: TransferViewParts): readonly Direction[] {
  return directionsOf(file, { record: keeper.state().files.get(file.interaction), self: keys.device });
}

function viewer(
  conversation: LiveConversation,
  parts: TransferViewParts,
): (file: FileAnnouncement, direction: Direction) => TransferView {
  const owners = new Map<DeviceId, AccountUri>();
  for (const { device, account } of activeDevices(conversation.states().members)) owners.set(device, account);
  const others = [...owners.keys()].filter((device) => device !== parts.keys.device);
  return (file, direction) =>
    parts.progress.refresh(
      transferView({
        ...{ conversation: conversation.id, file, direction, others },
        record: parts.keeper.state().files.get(file.interaction),
        isWanted: isWanted(conversation, file, parts),
        accountOf: (device) => owners.get(device),
      }),
    );
}
