import { bannedPath, devicePath } from '../tree-path.ts';
import type { CertificateFile, CommitFacts, Signer } from './commit-facts.ts';
import { isAuthored } from './commit-facts.ts';
import { type Flaw, flaw } from './rule.ts';

/**
 * V1–V5, V7, S1: who signed, and whether they were a member then. Whether the signature itself holds (V6) costs more than
 * all the rest and is worked out beside; see `judgeSignature`.
 * A file's name is a claim; the key in it is the fact. `seconds` is the commit's time.
 */
export function judgeIdentity(signer: Signer | Flaw, seconds: number): Flaw | undefined {
  if ('rule' in signer) return signer;
  const file = devicePath(signer.device);
  if (signer.certificate.longId !== signer.device)
    return flaw('S1', `the file of device ${signer.device} holds the key of ${signer.certificate.longId}`, file);
  if (signer.bannedAt) return judgeBan(signer, signer.bannedAt);
  if (!signer.account) return flaw('V3', `${signer.uri} is neither member nor admin at that point`);
  if (signer.account.outcome === 'unreadable')
    return flaw('OBJECT', `the certificate of ${signer.uri} cannot be read: ${signer.account.reason}`);
  return judgeAccount(signer, { account: signer.account, seconds });
}

function judgeBan({ device, uri }: Signer, path: string): Flaw {
  if (path === bannedPath('devices', device)) return flaw('V1', `device ${device} is banned at that point`, path);
  return flaw('V3', `${uri} is banned at that point`, path);
}

/** R2, V6. `holds`: the device's key verifies the signature over the signed bytes. */
export function judgeSignature(facts: CommitFacts, holds: boolean): Flaw | undefined {
  if (!facts.commit.signature) return flaw('R2', 'it carries no signature, or none that can be read');
  if (!isAuthored(facts) || holds) return undefined;
  return flaw('V6', `the signature is not that of device ${facts.signer.device} over this commit`);
}

interface ReadAccount {
  readonly account: Extract<CertificateFile, { outcome: 'read' }>;
  readonly seconds: number;
}

function judgeAccount(signer: Signer, { account, seconds }: ReadAccount): Flaw | undefined {
  const file = devicePath(signer.device);
  if (account.leaf.shortId !== signer.uri)
    return flaw('V7', `the file of member ${signer.uri} holds the key of ${account.leaf.shortId}`);
  if (!signer.isCertified)
    return flaw('S1', `the certificate of device ${signer.device} is not signed by ${signer.uri}`, file);
  if (!account.isCertified) return flaw('S1', `the certificate of ${signer.uri} is not signed by an authority`);
  const at = seconds * 1000;
  if (signer.certificate.notAfter < at)
    return flaw('V4', `the certificate of device ${signer.device} had expired at the commit's time`, file);
  if (account.leaf.notAfter < at)
    return flaw('V5', `the certificate of ${signer.uri} had expired at the commit's time`);
  return undefined;
}
