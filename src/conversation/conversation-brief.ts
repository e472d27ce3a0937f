import type { Mode } from '../events/kinds/conversation-created.ts';
import { AccountUri, type ConversationId, DeviceId, firstCommitOf } from '../ids.ts';
import { readFounding } from './log/founding.ts';
import { createHistoryReader } from './log/history-reader.ts';
import { readMembership } from './membership/membership.ts';
import { parseProfileCard } from './profile-card.ts';
import type { RepositoryReader } from './repository/repository.ts';
import { fileAt, filesOf } from './tree/tree.ts';
import { PROFILE_PATH, readPath, type TreePath } from './tree-path.ts';

/** What a conversation's head says, read without its history. */
export interface ConversationBrief {
  readonly id: ConversationId;
  readonly mode: Mode;
  readonly title: string | undefined;
  /** Admins and members. */
  readonly people: readonly AccountUri[];
  /** The certificates of the account's devices that have committed, PEM; also of those that are banned. */
  readonly devices: ReadonlyMap<DeviceId, string>;
  /** The devices of other accounts that have committed, with whose they are. */
  readonly foreignDevices: ReadonlyMap<DeviceId, AccountUri>;
}

/** Reads an own conversation; undefined when it has no commit. Throws OBJECT_MISSING, OBJECT_CORRUPT. */
export async function readConversationBrief(
  reader: RepositoryReader,
  { id, account }: { readonly id: ConversationId; readonly account: AccountUri },
): Promise<ConversationBrief | undefined> {
  const head = await reader.head();
  if (!head) return undefined;
  const history = createHistoryReader(reader);
  const tree = await history.trees.read((await history.commit(head)).tree);
  const founding = await readFounding(history, firstCommitOf(id));
  const { members } = await readMembership(history, tree, founding);

  async function textAt(path: string): Promise<string> {
    const file = fileAt(tree, path);
    return file ? Buffer.from((await reader.objects.read(file.id)).bytes).toString('utf8') : '';
  }

  const devices = new Map<DeviceId, string>();
  const foreignDevices = new Map<DeviceId, AccountUri>();
  for (const [path, { id: certificate }] of filesOf(tree)) {
    const device = certifiedBy(readPath(path));
    if (!device) continue;
    const file = await history.certificates.read(certificate);
    if (file.outcome !== 'read') continue;
    const { data: owner } = AccountUri.safeParse(file.leaf.issuerUid);
    if (owner === account) devices.set(device, await textAt(path));
    else if (owner) foreignDevices.set(device, owner);
  }
  return {
    id,
    mode: founding.mode ?? 'invites-only',
    title: parseProfileCard(await textAt(PROFILE_PATH)).title,
    people: [...members.values()].filter(({ role }) => role === 'admin' || role === 'member').map(({ uri }) => uri),
    devices,
    foreignDevices,
  };
}

/** Whose certificate stands there. */
function certifiedBy(path: TreePath): DeviceId | undefined {
  if (path.area === 'devices') return path.device;
  return path.area === 'banned' && path.kind === 'devices' ? DeviceId.safeParse(path.target).data : undefined;
}
