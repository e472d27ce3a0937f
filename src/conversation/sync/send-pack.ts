import type { CommitId } from '../../ids.ts';
import { GIT_PROGRESS_MS } from '../../limits.ts';
import type { Clock } from '../../ports.ts';
import { packObjects } from '../repository/packs/pack-writer.ts';
import type { Objects } from '../repository/repository.ts';
import type { ShallowCut } from '../repository/shallow-cut.ts';
import { sideBandOf } from './capabilities.ts';
import type { Offer } from './offer.ts';
import type { PacketChannel } from './packet-channel.ts';
import { FLUSH_PACKET } from './pkt-line.ts';
import type { SendList, SendLists } from './send-lists.ts';
import { formatSideBand } from './side-band.ts';
import type { WantList } from './want-list.ts';

/** What both sides came to an agreement on. */
export interface Agreed {
  readonly list: WantList;
  readonly cut: ShallowCut;
  /** Commits that both have. */
  readonly haves: readonly CommitId[];
  readonly offer: Offer;
}

export interface PackSender {
  readonly objects: Objects;
  readonly lists: SendLists;
  readonly packets: PacketChannel;
  readonly clock: Clock;
}

/** Sends the pack that was agreed on, to its end. */
export async function sendPack(sender: PackSender, { list, cut, haves, offer }: Agreed): Promise<void> {
  const { objects, lists, packets } = sender;
  const { capabilities, wants, shallow } = list;
  const found = lists.of({
    wants: [...wants, ...cut.uncovered],
    haves,
    wantsEndAt: cut.ends,
    havesEndAt: new Set(shallow),
    tags: capabilities.has('include-tag') ? offer.refs.flatMap(({ id, peeled }) => (peeled ? [id] : [])) : [],
  });
  await sayWhileCounting(sender, { list, found });
  const sideBand = sideBandOf(capabilities);
  const offsetDeltas = capabilities.has('ofs-delta');
  for await (const bytes of packObjects(objects, await found.ids, { offsetDeltas })) {
    await packets.write(...formatSideBand('pack', bytes, sideBand));
  }
  if (sideBand) await packets.write(FLUSH_PACKET);
  await packets.flush();
}

interface Counting {
  readonly list: WantList;
  readonly found: SendList;
}

/** A long history takes a while to be walked, and silence looks like a server that has died. */
async function sayWhileCounting({ packets, clock }: PackSender, { list, found }: Counting): Promise<void> {
  const sideBand = sideBandOf(list.capabilities);
  if (sideBand === undefined) return;
  // Without progress it is told nothing, which keeps it waiting all the same: an empty piece of the pack.
  const isTold = !list.capabilities.has('no-progress');
  const say = async (text: string) => {
    await packets.write(...formatSideBand(isTold ? 'progress' : 'pack', Buffer.from(isTold ? text : ''), sideBand));
    await packets.flush();
  };
  let hasSaid = false;
  while (!(await isSettledWithin(found.ids, clock))) {
    await say(`Counting objects: ${found.found()}\r`);
    hasSaid = true;
  }
  if (hasSaid) await say(`Counting objects: ${(await found.ids).length}, done.\n`);
}

/** Whether it comes to its end, well or not, within `GIT_PROGRESS_MS`. */
async function isSettledWithin(work: Promise<unknown>, clock: Clock): Promise<boolean> {
  const over = new AbortController();
  const settled = work.then(
    () => true,
    () => true,
  );
  const tooLong = clock.wait(GIT_PROGRESS_MS, over.signal).then(
    () => false,
    () => false,
  );
  try {
    return await Promise.race([settled, tooLong]);
  } finally {
    over.abort();
  }
}
