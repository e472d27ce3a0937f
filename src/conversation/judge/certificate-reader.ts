import { type ByteCache, createByteCache } from '../../byte-cache.ts';
import { clauseOf, isSyncError } from '../../errors.ts';
import { accountBelongsTo, deviceBelongsTo } from '../../identity/chain.ts';
import { parseCertificates } from '../../identity/x509-adapter.ts';
import type { ObjectId } from '../../ids.ts';
import { CERTIFICATE_CACHE_COUNT } from '../../limits.ts';
import type { Objects } from '../repository/repository.ts';
import type { CertificateFile } from '../rules/commit-facts.ts';

/** Certificate files by the id of their blob: parsed once, their signatures checked once. */
export interface CertificateReader {
  /** Throws OBJECT_MISSING, OBJECT_CORRUPT for the blob; a blob that holds no certificate is a value. */
  read(id: ObjectId): Promise<CertificateFile>;
  /** Whether the account certified the device. */
  certifies(account: ObjectId, device: ObjectId): Promise<boolean>;
}

/** What was found out about certificates. Holds whatever objects they were read from: a blob's id is its content. */
export interface CertificateCache {
  readonly files: ByteCache<ObjectId, CertificateFile>;
  readonly bonds: ByteCache<string, boolean>;
}

export function createCertificateCache(): CertificateCache {
  return {
    files: createByteCache(CERTIFICATE_CACHE_COUNT, () => 1),
    bonds: createByteCache(CERTIFICATE_CACHE_COUNT, () => 1),
  };
}

export function createCertificateReader(objects: Objects, { files, bonds }: CertificateCache): CertificateReader {
  async function read(id: ObjectId): Promise<CertificateFile> {
    const known = files.get(id);
    if (known) return known;
    const file = await parse((await objects.read(id)).bytes);
    files.set(id, file);
    return file;
  }

  async function certifies(account: ObjectId, device: ObjectId): Promise<boolean> {
    const bond = `${account} ${device}`;
    const known = bonds.get(bond);
    if (known !== undefined) return known;
    const [issuer, subject] = [await read(account), await read(device)];
    const areRead = issuer.outcome === 'read' && subject.outcome === 'read';
    const holds = areRead && (await deviceBelongsTo(subject.leaf, issuer.leaf));
    bonds.set(bond, holds);
    return holds;
  }

  return { read, certifies };
}

async function parse(bytes: Uint8Array): Promise<CertificateFile> {
  try {
    const [leaf, authority] = parseCertificates(bytes);
    if (!leaf) return { outcome: 'unreadable', reason: 'it is empty' };
    return { outcome: 'read', leaf, isCertified: authority !== undefined && (await accountBelongsTo(leaf, authority)) };
  } catch (error) {
    if (isSyncError(error)) return { outcome: 'unreadable', reason: clauseOf(error) };
    throw error;
  }
}
