/**
 * SHA3-512 as this platform has it: node:crypto, or the `sha3` package where node:crypto knows no SHA3 (Electron).
 * The first is some 40 times as fast; both give the same digest, and no schema is asked whether it is one: threads that
 * hash load none.
 */
import { createHash, getHashes } from 'node:crypto';
import { SHA3 } from 'sha3';
import type { Digest } from '../../ids.ts';

export interface Sha3 {
  update(bytes: Uint8Array): void;
  /** Ends the hash; nothing may follow. */
  digest(): Digest;
}

/** Chosen once, at start. */
export const createSha3: () => Sha3 = getHashes().includes('sha3-512') ? createNativeSha3 : createPortableSha3;

export function createNativeSha3(): Sha3 {
  const hash = createHash('sha3-512');
  return { update: (bytes) => void hash.update(bytes), digest: () => hash.digest('hex') as Digest };
}

export function createPortableSha3(): Sha3 {
  const hash = new SHA3(512);
  return {
    update: (bytes) => void hash.update(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)),
    digest: () => hash.digest('hex') as Digest,
  };
}
