import type { Bell } from '../../bell.ts';
import { messageOf } from '../../errors.ts';
import { RECORD_LOOK_MS } from '../../limits.ts';
import type { Clock, Log, Random } from '../../ports.ts';
import { isSamePage, pagesOf } from './pages.ts';
import { pageKeys, type Side } from './record-keys.ts';
import type { RecordStore } from './record-store.ts';
import type { RecordSession } from './ring.ts';
import { seal } from './seal.ts';

export interface PageWriting {
  readonly session: RecordSession;
  /** Whose pages these are. */
  readonly side: Side;
  readonly store: Pick<RecordStore, 'put'>;
  /** Everything so far. It grows. */
  said(): Uint8Array;
  isEnded(): boolean;
  /** Rung when one of these is another. */
  readonly changed: Bell;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly signal: AbortSignal;
}

interface WrittenPage {
  readonly page: Uint8Array;
  readonly revision: number;
}

/** Puts what is said into the DHT, until the end is there as well. Throws LIMIT_EXCEEDED, the signal's reason. */
export async function writePages(writing: PageWriting): Promise<void> {
  const { changed, clock, signal } = writing;
  const written: WrittenPage[] = [];
  let length = 0;
  await changed.until(() => writing.said().byteLength > 0 || writing.isEnded(), signal);
  for (;;) {
    const [said, isEnded] = [writing.said(), writing.isEnded()];
    length = said.byteLength;
    const isOut = await putNew(pagesOf(said, isEnded), written, writing);
    if (isOut && isEnded) return;
    if (isOut) await changed.until(() => writing.said().byteLength > length || writing.isEnded(), signal);
    else await clock.wait(RECORD_LOOK_MS, signal);
  }
}

/** Whether all that is new was put. */
async function putNew(pages: readonly Uint8Array[], written: WrittenPage[], writing: PageWriting): Promise<boolean> {
  const { session, side, store, clock, random, log, signal } = writing;
  const puts = pages.map(async (page, index) => {
    const before = written[index];
    if (isSamePage(before?.page, page)) return;
    const keys = pageKeys(session, side, index);
    // Above those of a run before this one, too.
    const revision = Math.max((before?.revision ?? 0) + 1, clock.now());
    // Remembered even if it fails: some nodes may keep it.
    written[index] = { page: NOTHING, revision };
    await store.put(keys.seed, { value: seal(keys.seal, page, random), revision });
    written[index] = { page, revision };
  });
  const failed = (await Promise.allSettled(puts)).find((result) => result.status === 'rejected');
  signal.throwIfAborted();
  if (failed !== undefined) log.debug('a record was not put into the DHT', { reason: messageOf(failed.reason) });
  return failed === undefined;
}

const NOTHING = new Uint8Array();
