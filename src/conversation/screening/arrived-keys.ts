import type { KeyObject } from 'node:crypto';
import { setImmediate as breathe } from 'node:timers/promises';
import { isSyncError } from '../../errors.ts';
import type { Certificate } from '../../identity/identity.ts';
import { parseCertificates } from '../../identity/x509-adapter.ts';
import type { DeviceId } from '../../ids.ts';
import { SCREENING_CERTIFICATES } from '../../limits.ts';

/**
 * Keys from certificates that came in a pack, wherever in it they stood: a device's id is the hash of its key.
 * They are read when somebody asks for one that is not known, one in a turn.
 */
export class ArrivedKeys {
  readonly #keys = new Map<DeviceId, KeyObject>();
  readonly #unread: Uint8Array[] = [];
  #taken = 0;

  /** Beyond `SCREENING_CERTIFICATES` they are passed over. */
  take(certificates: readonly Uint8Array[]): void {
    const taken = certificates.slice(0, SCREENING_CERTIFICATES - this.#taken);
    this.#taken += taken.length;
    this.#unread.push(...taken);
  }

  async keyOf(device: DeviceId): Promise<KeyObject | undefined> {
    for (;;) {
      const known = this.#keys.get(device);
      const next = known ? undefined : this.#unread.shift();
      if (!next) return known;
      const read = firstIn(next);
      if (read) this.#keys.set(read.longId, read.publicKey);
      await breathe();
    }
  }
}

function firstIn(bytes: Uint8Array): Certificate | undefined {
  try {
    return parseCertificates(bytes)[0];
  } catch (error) {
    if (isSyncError(error)) return undefined;
    throw error;
  }
}
