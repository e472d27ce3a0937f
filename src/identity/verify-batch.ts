import type { KeyObject } from 'node:crypto';

/** Signatures to verify, as they go to a worker: bytes and signatures of all of them in one piece of memory. */
export interface VerifyBatch {
  /** Each key once. */
  readonly keys: readonly KeyObject[];
  /** Of each signature: the place of its key, and how many bytes are signed and how many are the signature. */
  readonly parts: readonly (readonly [key: number, signed: number, signature: number])[];
  /** What is signed, then its signature, then the next. */
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** Whether each signature of a batch holds, in the batch's order. */
export type VerifiedBatch = readonly boolean[];

export interface SignatureToVerify {
  readonly key: KeyObject;
  readonly signed: Uint8Array;
  readonly signature: Uint8Array;
}

export function packSignatures(signatures: readonly SignatureToVerify[]): VerifyBatch {
  const places = new Map<KeyObject, number>();
  for (const { key } of signatures) if (!places.has(key)) places.set(key, places.size);
  return {
    keys: [...places.keys()],
    parts: signatures.map(({ key, signed, signature }) => [
      places.get(key) ?? 0,
      signed.byteLength,
      signature.byteLength,
    ]),
    bytes: joined(signatures.flatMap(({ signed, signature }) => [signed, signature])),
  };
}

export function* unpackSignatures({ keys, parts, bytes }: VerifyBatch): Generator<SignatureToVerify> {
  let at = 0;
  for (const [place, signed, signature] of parts) {
    const key = keys[place];
    const end = at + signed;
    if (key) yield { key, signed: bytes.subarray(at, end), signature: bytes.subarray(end, end + signature) };
    at = end + signature;
  }
}

/** In memory of its own, which can be handed over. */
function joined(pieces: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(pieces.reduce((sum, { byteLength }) => sum + byteLength, 0));
  let at = 0;
  for (const piece of pieces) {
    bytes.set(piece, at);
    at += piece.byteLength;
  }
  return bytes;
}
