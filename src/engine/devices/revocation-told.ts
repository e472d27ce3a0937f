/**
 * `application/revocation+json`: an account's revocation list with what proves it. Travels on `msg:` channels, and to a
 * device that is turned away.
 */
import * as z from 'zod';
import type { Revocation } from '../../identity/revocation.ts';
import { CERTIFICATE_BYTES, REVOCATION_LIST_BYTES, REVOKED_DEVICES_TOLD } from '../../limits.ts';

export const RevocationTold = z.object({
  /** DER, base64. */
  list: z.base64().max(2 * REVOCATION_LIST_BYTES),
  /** The certificates of account and authority, PEM. */
  issuers: z.string().max(CERTIFICATE_BYTES),
  /** Certificates of devices whose serial numbers the list names, PEM each. */
  devices: z.array(z.string().max(CERTIFICATE_BYTES)).max(REVOKED_DEVICES_TOLD),
});
export type RevocationTold = z.infer<typeof RevocationTold>;

/** As many contents as it takes to keep each below the size of a message; one where the list says it all. */
export function revocationsTold({ list, issuers, devices }: Revocation): readonly RevocationTold[] {
  const pems = [...devices.values()];
  const base64 = Buffer.from(list.der).toString('base64');
  const told: RevocationTold[] = [];
  for (let at = 0; at === 0 || at < pems.length; at += REVOKED_DEVICES_TOLD)
    told.push({ list: base64, issuers, devices: pems.slice(at, at + REVOKED_DEVICES_TOLD) });
  return told;
}
