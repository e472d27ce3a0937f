import { type ConversationBrief, readConversationBrief } from '../../conversation/conversation-brief.ts';
import { openSource } from '../../conversation/repository/open-source-adapter.ts';
import { isSyncError } from '../../errors.ts';
import { loadDeviceKeys } from '../../identity/account-store-adapter.ts';
import { createCertificateStore } from '../../identity/certificate-store-adapter.ts';
import type { DeviceKeys } from '../../identity/identity.ts';
import { type Revocation, revokedBy } from '../../identity/revocation.ts';
import type { AccountUri, ConversationId, DeviceId } from '../../ids.ts';
import { nodeClock } from '../node-ports-adapter.ts';
import { conversationDirectory, conversationsOf } from './home-adapter.ts';

/** What a home knows of its account. */
export interface KnownAccount {
  readonly keys: DeviceKeys;
  readonly conversations: readonly ConversationBrief[];
  /** The account's devices, this one among them, with their certificates, PEM: those that were linked, and those that committed. */
  readonly devices: ReadonlyMap<DeviceId, string>;
  /** Devices that are known to be another account's, with whose they are. */
  readonly foreignDevices: ReadonlyMap<DeviceId, AccountUri>;
  /** The account's own. */
  readonly revocations: readonly Revocation[];
}

/** Reads, and changes nothing: an engine may run on the home meanwhile. Throws as `loadDeviceKeys`. */
export async function readKnownAccount(home: string): Promise<KnownAccount> {
  const keys = await loadDeviceKeys(home, { now: nodeClock.now() });
  const store = createCertificateStore(home);
  const briefs = await Promise.all((await conversationsOf(home)).map((id) => readBrief(home, id, keys)));
  const conversations = briefs.filter((brief) => brief !== undefined);
  const linked = await store.devices();
  const devices = new Map<DeviceId, string>([[keys.device, keys.chain.device.pem]]);
  for (const brief of conversations) for (const [device, pem] of brief.devices) devices.set(device, pem);
  const foreignDevices = new Map(conversations.flatMap((brief) => [...brief.foreignDevices]));
  for (const { account, certificate } of linked)
    if (account === keys.account) devices.set(certificate.longId, certificate.pem);
    else foreignDevices.set(certificate.longId, account);
  const revocations = (await store.revocations()).filter(({ account }) => account === keys.account);
  return { keys, conversations, devices, foreignDevices, revocations };
}

export function revokedDevices({ revocations }: Pick<KnownAccount, 'revocations'>): ReadonlySet<DeviceId> {
  return new Set(revocations.flatMap((revocation) => [...revokedBy(revocation)]));
}

/** A conversation that cannot be read is left out, as an engine leaves it alone. */
async function readBrief(home: string, id: ConversationId, { account }: DeviceKeys) {
  try {
    await using reader = await openSource(conversationDirectory(home, id));
    return await readConversationBrief(reader, { id, account });
  } catch (error) {
    if (isSyncError(error)) return undefined;
    throw error;
  }
}
