import type { KeyObject } from 'node:crypto';
import type { CertificateChain, DeviceKeys } from './identity.ts';
import { sign } from './signature.ts';

/** A device from its parts. The chain has been verified, and `key` is the private half of its device certificate's key. */
export function deviceKeysOf(parts: { name: string; chain: CertificateChain; key: KeyObject }): DeviceKeys {
  const { name, chain, key } = parts;
  return {
    device: chain.device.longId,
    account: chain.account.shortId,
    name,
    chain,
    sign: (bytes) => sign(key, bytes),
    privateKeyPem: key.export({ type: 'pkcs8', format: 'pem' }).toString(),
    chainPem: chainPemOf(chain),
  };
}

/** Device, account, authority: the order that every reader of the format expects. */
export function chainPemOf({ device, account, authority }: CertificateChain): string {
  return device.pem + account.pem + authority.pem;
}
