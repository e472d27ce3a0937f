/** What has to hold of a device's logs after whatever happened to its disk. */
import { readdirSync, readFileSync, statSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { removeUnfinished } from '../../../src/conversation/conversation-directory-adapter.ts';
import { createCertificateCache } from '../../../src/conversation/judge/certificate-reader.ts';
import { verifyThrough } from '../../../src/conversation/judge/verify-history.ts';
import { createHistoryReader } from '../../../src/conversation/log/history-reader.ts';
import { openConversation } from '../../../src/conversation/open-conversation.ts';
import { commitLinks } from '../../../src/conversation/repository/objects/commit-links.ts';
import { parseTree } from '../../../src/conversation/repository/objects/tree.ts';
import type { Objects } from '../../../src/conversation/repository/repository.ts';
import type { DeviceKeys } from '../../../src/identity/identity.ts';
import { ConversationId, type ObjectId } from '../../../src/ids.ts';
import { TEST_NOW } from '../identity/accounts.ts';
import { createVirtualClock } from '../time/virtual-clock.ts';

const { signal } = new AbortController();
const clock = createVirtualClock(TEST_NOW + 86_400_000);
/** The same few in every log; that their files are whole is seen in the work tree. */
const certificates = createCertificateCache();

export interface LogCheck {
  readonly keys: DeviceKeys;
  readonly promised: readonly string[];
}

/** As an engine does at its start; then everything promised is there, the logs are sound, and can be written. Throws what is wrong. */
export async function checkLogs(directory: string, { keys, promised }: LogCheck): Promise<void> {
  await removeUnfinished(directory);
  ageHalfPacks(directory);
  const held = new Set<string>();
  for (const name of readdirSync(directory)) {
    await using log = await openConversation({ directory, id: ConversationId.parse(name), keys, clock, certificates });
    for (const { id } of log.interactions()) held.add(id);
    await log.append({ kind: 'send-text', body: 'still here' });
    const { valid } = await verifyThrough(createHistoryReader(log.repository, certificates), {
      reader: log.repository,
      signal,
    });
    if (!valid) throw new TypeError('the history does not verify');
    requireNothingLeft(log.repository.path);
    const { tree } = commitLinks((await log.repository.objects.read(log.head())).bytes);
    await requireWorkTree(log.repository.objects, { tree, path: log.repository.path });
  }
  const lost = promised.filter((id) => !held.has(id));
  if (lost.length > 0) throw new TypeError(`lost: ${lost.join(', ')}`);
}

/** The next start is some time later. */
function ageHalfPacks(directory: string): void {
  for (const name of readdirSync(directory, { recursive: true, encoding: 'utf8' }))
    if (/\.(pack|idx)$/.test(name)) utimesSync(join(directory, name), 0, 0);
}

function requireNothingLeft(path: string): void {
  const names = readdirSync(path, { recursive: true, encoding: 'utf8' });
  const packs = names.filter((name) => /\.(pack|idx)$/.test(name));
  const halves = packs.filter(
    (name) => !packs.includes(name.replace(/\.\w+$/, name.endsWith('idx') ? '.pack' : '.idx')),
  );
  const left = [...names.filter((name) => /tmp_obj_|incoming-|\.lock$|\.tmp$/.test(name)), ...halves];
  if (left.length > 0) throw new TypeError(`left behind: ${left.join(', ')}`);
}

async function requireWorkTree(objects: Objects, { tree, path }: { tree: ObjectId; path: string }): Promise<void> {
  const entries = parseTree((await objects.read(tree)).bytes);
  // Git knows no empty directories.
  const isEmpty = (name: string) => readdirSync(join(path, name)).length === 0;
  const there = readdirSync(path, { withFileTypes: true })
    .filter((entry) => entry.name !== '.git' && !(entry.isDirectory() && isEmpty(entry.name)))
    .map(({ name }) => name);
  const isSame = there.length === entries.length && entries.every(({ name }) => there.includes(name));
  if (!isSame) throw new TypeError(`the work tree has ${there.join(', ')} at ${path}`);
  for (const { name, id } of entries) {
    const inner = join(path, name);
    if (statSync(inner).isDirectory()) await requireWorkTree(objects, { tree: id, path: inner });
    else if (!readFileSync(inner).equals((await objects.read(id)).bytes))
      throw new TypeError(`${inner} is not as the log has it`);
  }
}
