import { idToBytes } from '../../../id-bytes.ts';
import type { ObjectId } from '../../../ids.ts';
import { CERTIFICATE_BYTES, SCREENING_SLICE_BYTES } from '../../../limits.ts';
import type { GitObject } from '../repository.ts';
import type { Arrival } from './arrival.ts';

/** The first ones to hand on are small, so that whoever waits for them begins soon. */
const FIRST_BYTES = SCREENING_SLICE_BYTES / 8;

const CERTIFICATE = Buffer.from('-----BEGIN CERTIFICATE-----');

/** Gathers objects until there are enough of them to be handed on. */
export class ArrivalGatherer {
  #ids: Uint8Array[] = [];
  #commits: Uint8Array[] = [];
  #certificates: Uint8Array[] = [];
  #bytes = 0;
  #enough = FIRST_BYTES;

  add(id: ObjectId, { type, bytes }: GitObject): void {
    if (type === 'commit') {
      this.#ids.push(idToBytes(id));
      this.#commits.push(bytes);
    } else if (type === 'blob' && isCertificate(bytes)) {
      this.#certificates.push(Uint8Array.from(bytes));
    } else return;
    this.#bytes += bytes.byteLength;
  }

  isFull(): boolean {
    return this.#bytes >= this.#enough;
  }

  /** What was gathered, which is forgotten here; undefined when that is nothing. */
  give(): Arrival | undefined {
    if (this.#bytes === 0) return undefined;
    this.#enough = Math.min(2 * this.#enough, SCREENING_SLICE_BYTES);
    let end = 0;
    const ends = Uint32Array.from(this.#commits, ({ byteLength }) => (end += byteLength));
    const arrival = { ids: joined(this.#ids), bytes: joined(this.#commits), ends, certificates: this.#certificates };
    this.#ids = [];
    this.#commits = [];
    this.#certificates = [];
    this.#bytes = 0;
    return arrival;
  }
}

function isCertificate(bytes: Uint8Array): boolean {
  return bytes.byteLength <= CERTIFICATE_BYTES && CERTIFICATE.equals(bytes.subarray(0, CERTIFICATE.byteLength));
}

/** Alone in its memory, so that it can go to another thread. */
function joined(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const all = new Uint8Array(parts.reduce((sum, { byteLength }) => sum + byteLength, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.byteLength;
  }
  return all;
}
