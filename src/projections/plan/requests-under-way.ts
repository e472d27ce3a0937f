import type { CommitId, DeviceId } from '../../ids.ts';
import { type Claims, noClaims, withClaim, withoutClaim } from './claims.ts';
import type { KnownFile } from './serving-order.ts';

const NOBODY: ReadonlySet<DeviceId> = new Set();

/** The requests that were given and are not over, and the room that is set aside for their files. */
export class RequestsUnderWay {
  readonly #asked = new Map<CommitId, AskedFile>();
  #claims = noClaims;

  get claims(): Claims {
    return this.#claims;
  }

  has(interaction: CommitId): boolean {
    return this.#asked.has(interaction);
  }

  /** The devices that the file is asked of. */
  devicesOf(interaction: CommitId): ReadonlySet<DeviceId> {
    return this.#asked.get(interaction)?.devices ?? NOBODY;
  }

  begin(known: KnownFile, devices: readonly DeviceId[]): void {
    const { interaction } = known.file;
    this.#asked.set(interaction, { known, devices: new Set([...this.devicesOf(interaction), ...devices]) });
    this.claim(known);
  }

  /** Sets aside for the file what it lacks by now. */
  claim(known: KnownFile): void {
    this.#claims = withClaim(this.#claims, known);
  }

  /** With the last request for it the file gives up its room. */
  end(interaction: CommitId, device: DeviceId): void {
    const asked = this.#asked.get(interaction);
    if (!asked?.devices.delete(device) || asked.devices.size > 0) return;
    this.#asked.delete(interaction);
    this.#claims = withoutClaim(this.#claims, asked.known);
  }
}

interface AskedFile {
  /** As it was when it was asked for last. */
  readonly known: KnownFile;
  readonly devices: Set<DeviceId>;
}
