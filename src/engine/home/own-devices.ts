/** The devices of a home's account: which there are, and taking one out. Needs no running engine. */
import { SyncError } from '../../errors.ts';
import { unlockAccount } from '../../identity/account-store-adapter.ts';
import { createCertificateStore } from '../../identity/certificate-store-adapter.ts';
import { issueRevocationList } from '../../identity/crl-adapter.ts';
import { verifyRevocation } from '../../identity/revocation.ts';
import { parseCertificates } from '../../identity/x509-adapter.ts';
import type { DeviceId } from '../../ids.ts';
import { REVOKED_DEVICES } from '../../limits.ts';
import { nodeClock } from '../node-ports-adapter.ts';
import { type KnownAccount, readKnownAccount, revokedDevices } from './known-account.ts';

export interface OwnDevice {
  readonly device: DeviceId;
  /** It is the device of this home. */
  readonly isThis: boolean;
  readonly isRevoked: boolean;
}

/** The account's devices that are known here, this one first. Throws HOME_EMPTY, KEY_UNUSABLE. */
export async function listDevices(home: string): Promise<readonly OwnDevice[]> {
  const known = await readKnownAccount(home);
  const revoked = revokedDevices(known);
  return [...new Set([...known.devices.keys(), ...revoked])].map((device) => ({
    device,
    isThis: device === known.keys.device,
    isRevoked: revoked.has(device),
  }));
}

export interface RevokeDeviceOptions {
  /** Opens the keys of the account, if they are sealed. */
  readonly password?: string;
  /** The device may be one that this home has never seen: its whole id is taken for what it is. */
  readonly isUnseen?: boolean;
}

/**
 * Takes a device out of the account, for good: signs a new revocation list with the account's key and keeps it in the home.
 * A device that no home has seen yet is revoked by its id alone if `isUnseen` says so, and turned away when it shows up.
 * An engine that runs on the home learns it by `Engine.takeRevocations`, any other when it starts; both tell others.
 * Revoking a device again changes nothing. Throws DEVICE_UNKNOWN, DEVICE_OF_OTHER, WRONG_PASSWORD, REFUSED for the last
 * device, LIMIT_EXCEEDED.
 */
export async function revokeDevice(
  home: string,
  device: DeviceId,
  { password, isUnseen = false }: RevokeDeviceOptions = {},
): Promise<void> {
  const known = await readKnownAccount(home);
  const revoked = revokedDevices(known);
  if (revoked.has(device)) return;
  requireOwn(known, device, isUnseen);
  const others = standing(known).filter((other) => other !== device);
  if (others.length === 0)
    throw new SyncError('REFUSED', { reason: 'last-device', detail: 'an account cannot revoke its last device' });
  if (revoked.size >= REVOKED_DEVICES)
    throw new SyncError('LIMIT_EXCEEDED', {
      ...{ what: 'The number of revoked devices', limit: REVOKED_DEVICES, actual: revoked.size + 1 },
    });
  const { account: key } = await unlockAccount(home, { password, now: nodeClock.now() });
  await createCertificateStore(home).keepRevocation(await sign(known, [...revoked, device], key));
}

/** A revocation is for good: a slip must not spend one on an id that means nothing, or on somebody else's device. */
function requireOwn(known: KnownAccount, device: DeviceId, isUnseen: boolean): void {
  if (known.devices.has(device)) return;
  const account = known.foreignDevices.get(device);
  if (account !== undefined) throw new SyncError('DEVICE_OF_OTHER', { device, account });
  if (!isUnseen) throw new SyncError('DEVICE_UNKNOWN', { device, known: standing(known) });
}

/** The known devices that are not revoked. */
function standing(known: KnownAccount): readonly DeviceId[] {
  const revoked = revokedDevices(known);
  return [...known.devices.keys()].filter((device) => !revoked.has(device));
}

async function sign(
  { keys, devices, revocations }: KnownAccount,
  revoked: readonly DeviceId[],
  key: Awaited<ReturnType<typeof unlockAccount>>['account'],
) {
  const { account, authority } = keys.chain;
  const pems = revoked.flatMap((device) => devices.get(device) ?? []);
  // Who has been told of an id only may never see the certificate: what was once named by its id stays so.
  const named = revocations.flatMap(({ list }) => [...list.devices]);
  const unseen = revoked.filter((device) => !devices.has(device));
  const list = await issueRevocationList({
    issuer: account,
    key,
    serials: pems.flatMap((pem) => parseCertificates(Buffer.from(pem)).map(({ serial }) => serial)),
    devices: [...new Set([...named, ...unseen])],
    after: revocations.map(({ list }) => list.number),
    now: nodeClock.now(),
  });
  return verifyRevocation({ list: list.der, issuers: account.pem + authority.pem, devices: pems });
}
