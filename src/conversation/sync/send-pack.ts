import type { CommitId } from '../../ids.ts';
import { GIT_PROGRESS_MS } from '../../limits.ts';
import type { Clock } from '../../ports.ts';
import { packObjects } from '../repository/packs/pack-writer.ts';
import type { RepositoryReader } from '../repository/repository.ts';
import type { ShallowCut } from '../repository/shallow-cut.ts';
import { sideBandOf } from './capabilities.ts';
import { isEverything, type Offer } from './offer.ts';
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
  readonly repository: Pick<RepositoryReader, 'objects' | 'wholePack'>;
  readonly lists: SendLists;
  readonly packets: PacketChannel;
  readonly clock: Clock;
}

/** Sends the pack that was agreed on, to its end. */
export async function sendPack(sender: PackSender, agreed: Agreed): Promise<void> {
  const { packets } = sender;
  const sideBand = sideBandOf(agreed.list.capabilities);
  for await (const bytes of wholePackFor(sender, agreed) ?? makePack(sender, agreed)) {
    await packets.write(...formatSideBand('pack', bytes, sideBand));
  }
  if (sideBand) await packets.write(FLUSH_PACKET);
  await packets.flush();
}

/** The pack as it lies there, for somebody who has nothing and wants all: nothing has to be walked or counted. */
function wholePackFor(
  { repository }: PackSender,
  { list, haves, offer }: Agreed,
): AsyncIterable<Uint8Array> | undefined {
  const { capabilities, wants, shallow, depth } = list;
  const hasNothing = haves.length === 0 && shallow.length === 0;
  const isForAll = hasNothing && depth === undefined && capabilities.has('ofs-delta') && isEverything(offer, wants);
  return isForAll ? repository.wholePack?.() : undefined;
}

async function* makePack(sender: PackSender, { list, cut, haves, offer }: Agreed): AsyncGenerator<Uint8Array> {
  const { capabilities, wants, shallow } = list;
  const found = sender.lists.of({
    wants: [...wants, ...cut.uncovered],
    haves,
    wantsEndAt: cut.ends,
    havesEndAt: new Set(shallow),
    tags: capabilities.has('include-tag') ? offer.refs.flatMap(({ id, peeled }) => (peeled ? [id] : [])) : [],
  });
  await sayWhileCounting(sender, { list, found });
  const offsetDeltas = capabilities.has('ofs-delta');
  yield* packObjects(sender.repository.objects, await found.ids, { offsetDeltas });
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
