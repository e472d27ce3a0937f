/** An account on its way to another device: into a sealed file, and out of it. */
import { SyncError } from '../../errors.ts';
import type { JournalRecord } from '../../events/journal-record.ts';
import { addDeviceIn, unlockAccount } from '../../identity/account-store-adapter.ts';
import { createCertificateStore } from '../../identity/certificate-store-adapter.ts';
import { accountBelongsTo } from '../../identity/chain.ts';
import type { CertificateChain } from '../../identity/identity.ts';
import { shortIdOf } from '../../identity/ids-of-key.ts';
import { createPrivateFile, readSmallFile } from '../../identity/private-file-adapter.ts';
import { revokedBy, verifyRevocation } from '../../identity/revocation.ts';
import { parseCertificates } from '../../identity/x509-adapter.ts';
import { ACCOUNT_EXPORT_BYTES, PEOPLE_TOLD } from '../../limits.ts';
import { openJournal } from '../journal/hypercore-adapter.ts';
import { nodeClock, nodeRandom } from '../node-ports-adapter.ts';
import type { AccountInfo } from './account.ts';
import { type AccountExport, readAccountExport, writeAccountExport } from './account-export.ts';
import { journalDirectoryOf } from './home-adapter.ts';
import { readKnownAccount } from './known-account.ts';

export interface ExportAccountOptions {
  /** Seals the file. */
  readonly password: string;
  /** Opens the keys of the account, if they are sealed in this home. */
  readonly accountPassword?: string;
  /** DHT nodes for the other device to start from, `host:port` each. */
  readonly bootstrap?: readonly string[];
  /** Fired before the file is written, it leaves nothing. */
  readonly signal?: AbortSignal;
}

/**
 * Writes all that another device needs to become one of this account into a new file that only the password opens:
 * the account's keys, its name, its conversations, its devices, its revocations. An engine may run on the home meanwhile.
 * Throws HOME_EMPTY, WRONG_PASSWORD, USAGE for an empty password, FILE_FAILED when there is a file already, DISK_FULL,
 * the signal's reason.
 */
export async function exportAccount(home: string, file: string, options: ExportAccountOptions): Promise<void> {
  const { password, accountPassword, bootstrap = [], signal } = options;
  if (password === '') throw new SyncError('USAGE', { detail: 'An exported account needs a password.' });
  const owner = await unlockAccount(home, { password: accountPassword, now: nodeClock.now() });
  const { keys, conversations, devices, revocations } = await readKnownAccount(home);
  const account: AccountExport = {
    name: keys.name,
    keys: owner,
    chain: keys.chain.account.pem + keys.chain.authority.pem,
    conversations: conversations.map(({ id, mode, title, people }) => ({
      ...{ id, mode, people: people.slice(0, PEOPLE_TOLD) },
      ...(title !== undefined && { title }),
    })),
    devices: [...devices.values()],
    revocations: revocations.map(({ list }) => list.der),
    bootstrap,
  };
  const sealed = await writeAccountExport(account, { password, random: nodeRandom });
  signal?.throwIfAborted();
  await createPrivateFile(file, sealed);
}

export interface ImportAccountOptions {
  /** Opens the file. */
  readonly password: string;
  /** Called when the file was opened and the home is free, and only the slow part is left: the new device's key. */
  readonly onMakingKeys?: () => void;
  /** Fired before the device is there, it leaves nothing. */
  readonly signal?: AbortSignal;
}

export interface ImportedAccount extends AccountInfo {
  /** The conversations that an engine on the home will get, once it finds who has them. */
  readonly conversations: number;
  /** DHT nodes to start from, as the file names them. */
  readonly bootstrap: readonly string[];
}

/**
 * Makes a home for a new device of an exported account. The device gets a key of its own; the account's keys stay sealed
 * under the same password. Throws WRONG_PASSWORD, EXPORT_UNUSABLE, HOME_TAKEN, FILE_FAILED, DISK_FULL, the signal's
 * reason; then the home is as it was.
 */
export async function importAccount(
  home: string,
  file: string,
  { password, onMakingKeys, signal }: ImportAccountOptions,
): Promise<ImportedAccount> {
  const account = await openExport(file, password);
  const issuers = await provedIssuers(file, account);
  const { name, keys: owner, conversations, bootstrap } = account;
  const now = nodeClock.now();
  const made = await addDeviceIn(home, {
    ...{ name, owner, issuers, password, now, random: nodeRandom, onMakingKeys, signal },
    beside: (folder) => takeOver(folder, account, now),
  });
  return { uri: made.account, device: made.device, name, conversations: conversations.length, bootstrap };
}

async function openExport(path: string, password: string): Promise<AccountExport> {
  const bytes = await readSmallFile(path, ACCOUNT_EXPORT_BYTES);
  if (!bytes) throw new SyncError('EXPORT_UNUSABLE', { path, detail: 'there is no such file' });
  const opened = await readAccountExport(bytes.toString('utf8'), password);
  if (opened.outcome === 'wrong-password') throw new SyncError('WRONG_PASSWORD', { path });
  if (opened.outcome === 'unusable') throw new SyncError('EXPORT_UNUSABLE', { path, detail: opened.detail });
  return opened.account;
}

async function provedIssuers(
  path: string,
  { chain, keys }: AccountExport,
): Promise<Pick<CertificateChain, 'account' | 'authority'>> {
  const [account, authority] = parseCertificates(Buffer.from(chain));
  const areOne =
    account !== undefined &&
    authority !== undefined &&
    (await accountBelongsTo(account, authority)) &&
    shortIdOf(keys.account) === account.shortId &&
    shortIdOf(keys.authority) === authority.shortId;
  if (areOne) return { account, authority };
  throw new SyncError('EXPORT_UNUSABLE', { path, detail: 'its keys are not those of its certificates' });
}

/** What the account knew of itself. */
async function takeOver(home: string, account: AccountExport, at: number): Promise<void> {
  const { chain: issuers, devices, conversations } = account;
  const store = createCertificateStore(home);
  for (const pem of devices) await store.keepDevice(pem, issuers);
  const records: JournalRecord[] = conversations.map(({ id, mode, title, people }) => ({
    ...{ kind: 'conversation-told', conversation: id, mode, people, at },
    ...(title !== undefined && { title }),
  }));
  for (const list of account.revocations) {
    const known = await verifyRevocation({ list, issuers, devices: [] });
    const revoked = devices.filter((pem) =>
      parseCertificates(Buffer.from(pem)).some(({ serial }) => known.list.serials.has(serial)),
    );
    const revocation = await verifyRevocation({ list, issuers, devices: revoked });
    await store.keepRevocation(revocation);
    for (const device of revokedBy(revocation))
      records.push({ kind: 'device-revoked', account: revocation.account, device, at });
  }
  await using journal = await openJournal(await journalDirectoryOf(home));
  await journal.append(records);
  await journal.flush();
}
