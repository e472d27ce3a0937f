import { messageOf } from '../../errors.ts';
import { RECORD_LOOK_MAX_MS, RECORD_LOOK_MS } from '../../limits.ts';
import type { Clock, Log } from '../../ports.ts';
import { publicKeyOf } from './agree-on-secret.ts';
import { createPageReader } from './pages.ts';
import { pageKeys, type Side } from './record-keys.ts';
import type { RecordStore } from './record-store.ts';
import type { RecordSession } from './ring.ts';
import { unseal } from './seal.ts';

export interface PageLooking {
  readonly session: RecordSession;
  /** Whose pages these are. */
  readonly side: Side;
  readonly store: Pick<RecordStore, 'get'>;
  readonly clock: Clock;
  readonly log: Log;
  readonly signal: AbortSignal;
  /** Bytes in their order. What it throws ends it. */
  onBytes(bytes: Uint8Array): void;
}

/** Looks for what the other side says, until its end. Throws what `onBytes` does, and the signal's reason. */
export async function lookForPages(looking: PageLooking): Promise<void> {
  const { clock, signal, onBytes } = looking;
  const reader = createPageReader();
  let wait: number = RECORD_LOOK_MS;
  while (!reader.isEnded) {
    const found = await Promise.all(reader.wanted().map((index) => lookFor(index, looking)));
    signal.throwIfAborted();
    const bytes = Buffer.concat(found.flatMap((page) => (page ? [reader.push(page.index, page.plain)] : [])));
    if (bytes.byteLength > 0) onBytes(bytes);
    const hasMore = reader.wanted().length > 1;
    wait = bytes.byteLength > 0 ? RECORD_LOOK_MS : Math.min(RECORD_LOOK_MAX_MS, wait * 1.5);
    if (!reader.isEnded && !(hasMore && bytes.byteLength > 0)) await clock.wait(wait, signal);
  }
}

interface FoundPage {
  readonly index: number;
  readonly plain: Uint8Array;
}

/** Undefined as well for what the other side did not seal. */
async function lookFor(index: number, { session, side, store, log }: PageLooking): Promise<FoundPage | undefined> {
  const keys = pageKeys(session, side, index);
  try {
    const found = await store.get(publicKeyOf(keys.seed));
    const plain = found && unseal(keys.seal, found.value);
    return plain && { index, plain };
  } catch (error) {
    log.debug('a record was not looked for in the DHT', { reason: messageOf(error) });
    return undefined;
  }
}
