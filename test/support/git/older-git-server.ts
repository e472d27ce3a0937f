/** What is seen of the git server of Jami's daemon, as a peer sees it. */
import { objectsToSend } from '../../../src/conversation/repository/objects-to-send.ts';
import { packObjects } from '../../../src/conversation/repository/packs/pack-writer.ts';
import {
  createPacketDecoder,
  FLUSH_PACKET,
  formatPacket,
  packetText,
} from '../../../src/conversation/sync/pkt-line.ts';
import { formatSideBand } from '../../../src/conversation/sync/side-band.ts';
import { CommitId } from '../../../src/ids.ts';
import type { Channel } from '../../../src/ports.ts';
import { patience } from '../time/patience.ts';
import type { MemoryObjects } from './git-objects.ts';

interface Round {
  want: CommitId | undefined;
  haves: CommitId[];
}

/**
 * Keeps the last want, takes the first have for common without looking, knows no capabilities, and cannot read a pkt-line that
 * comes in two messages. Serves rounds until the other side ends the channel.
 */
export async function serveAsOlderPeer(objects: MemoryObjects, channel: Channel, head: () => CommitId): Promise<void> {
  let round: Round = { want: undefined, haves: [] };
  for await (const message of channel.messages({ signal: patience() })) {
    const decoder = createPacketDecoder();
    const packets = decoder.push(message);
    if (decoder.isWithinPacket) throw new TypeError('a pkt-line was split across two messages');
    for (const packet of packets) {
      const line = packet.kind === 'flush' ? 'flush' : packetText(packet.payload);
      if (line.startsWith('want ')) round.want = CommitId.parse(line.slice(5, 45));
      if (line.startsWith('have ')) round.haves.push(CommitId.parse(line.slice(5, 45)));
      await answer(objects, channel, { line, round, head: head() });
      if (line === 'done') round = { want: undefined, haves: [] };
    }
  }
}

async function answer(
  objects: MemoryObjects,
  channel: Channel,
  { line, round, head }: { line: string; round: Round; head: CommitId },
): Promise<void> {
  const [common] = round.haves;
  if (line.startsWith('git-upload-pack ')) {
    await channel.send(formatPacket(`${head} HEAD\0side-band side-band-64k shallow no-progress include-tag\n`));
    await channel.send(Buffer.concat([formatPacket(`${head} refs/heads/main\n`), FLUSH_PACKET]));
  } else if (line === 'flush' && common !== undefined) {
    await channel.send(Buffer.concat([formatPacket(`ACK ${common} continue\n`), formatPacket('NAK\n')]));
  } else if (line === 'done' && round.want !== undefined) {
    await channel.send(formatPacket(common === undefined ? 'NAK\n' : `ACK ${common}\n`));
    const haves = round.haves.filter((id) => objects.all.has(id));
    const ids = await objectsToSend(objects, { wants: [round.want], haves });
    for await (const bytes of packObjects(objects, ids))
      for (const packet of formatSideBand('pack', bytes, 'side-band-64k')) await channel.send(packet);
    await channel.send(FLUSH_PACKET);
  }
}
