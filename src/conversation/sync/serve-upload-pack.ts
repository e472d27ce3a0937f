import { isSyncError, messageOf, SyncError } from '../../errors.ts';
import { CommitId, type ConversationId } from '../../ids.ts';
import { NEGOTIATION_HAVES, SYNC_MS } from '../../limits.ts';
import type { Channel, Clock } from '../../ports.ts';
import { objectsToSend } from '../repository/objects-to-send.ts';
import { packObjects } from '../repository/pack-writer.ts';
import type { RepositoryReader } from '../repository/repository.ts';
import { type Capabilities, NO_CAPABILITIES, parseCapabilities, sideBandOf } from './capabilities.ts';
import { negotiate, startNegotiation } from './negotiation.ts';
import { openPacketChannel, type PacketChannel } from './packet-channel.ts';
import { FLUSH_PACKET, formatPacket, type Packet, packetText } from './pkt-line.ts';
import { isRequestLine, requireRequestFor } from './request-line.ts';
import { formatSideBand } from './side-band.ts';

export interface ServeOptions {
  readonly conversation: ConversationId;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

export interface Served {
  /** The newest commit that the other side has now, as far as its requests tell. */
  readonly served?: CommitId;
}

const CAPABILITIES = 'multi_ack multi_ack_detailed side-band side-band-64k ofs-delta no-progress';
const MAIN = 'refs/heads/main';
const NO_ID = '0'.repeat(40);

/**
 * Answers `git-upload-pack` requests, protocol version 0, until the other side ends the channel: a stock `git fetch` understands it,
 * and so do the older peers of format reference §5.4. Wants must name the advertised head.
 * Throws PROTOCOL_BROKEN, MALFORMED, LIMIT_EXCEEDED (after telling the other side), TIMED_OUT, CHANNEL_CLOSED and the signal's reason.
 */
export async function serveUploadPack(
  repository: RepositoryReader,
  channel: Channel,
  options: ServeOptions,
): Promise<Served> {
  const packets = openPacketChannel(channel, options);
  try {
    return await serveRequests({ repository, packets, conversation: options.conversation });
  } catch (error) {
    if (
      isSyncError(error, 'PROTOCOL_BROKEN') ||
      isSyncError(error, 'MALFORMED') ||
      isSyncError(error, 'LIMIT_EXCEEDED')
    ) {
      await sayError(packets, messageOf(error));
    }
    throw error;
  } finally {
    await packets.release();
  }
}

interface Session {
  readonly repository: RepositoryReader;
  readonly packets: PacketChannel;
  readonly conversation: ConversationId;
}

async function serveRequests(session: Session): Promise<Served> {
  const { repository, packets, conversation } = session;
  let head: CommitId | undefined;
  let served: CommitId | undefined;
  // Between two requests a channel may rest for as long as an exchange of commits may take.
  for (
    let packet = await packets.read({ patienceMs: SYNC_MS });
    packet;
    packet = await packets.read({ patienceMs: SYNC_MS })
  ) {
    if (packet.kind === 'flush') {
      // It saw the head and wants nothing: it has that commit.
      served = head ?? served;
    } else if (isRequestLine(packet.payload)) {
      requireRequestFor(conversation, packet.payload);
      head = await repository.head();
      await advertise(packets, head);
    } else if (await serveRound(session, { first: packet.payload, head })) {
      served = head;
    } else {
      break;
    }
  }
  return served === undefined ? {} : { served };
}

async function advertise(packets: PacketChannel, head: CommitId | undefined): Promise<void> {
  if (head === undefined) {
    await packets.write(formatPacket(`${NO_ID} capabilities^{}\0${CAPABILITIES} agent=swarmlog\n`));
  } else {
    await packets.write(
      formatPacket(`${head} HEAD\0${CAPABILITIES} symref=HEAD:${MAIN} agent=swarmlog\n`),
      formatPacket(`${head} ${MAIN}\n`),
    );
  }
  await packets.write(FLUSH_PACKET);
  await packets.flush();
}

/** From the first want to the end of the pack. False when the other side left before it said "done". */
async function serveRound(
  { repository, packets }: Session,
  { first, head }: { first: Uint8Array; head: CommitId | undefined },
): Promise<boolean> {
  const capabilities = await readWants(packets, { first, head });
  const common = capabilities && (await readHaves({ repository, packets, capabilities }));
  if (!capabilities || !common || head === undefined) return false;
  const ids = await objectsToSend(repository.objects, { wants: [head], haves: common });
  const sideBand = sideBandOf(capabilities);
  for await (const bytes of packObjects(repository.objects, ids)) {
    await packets.write(...formatSideBand('pack', bytes, sideBand));
  }
  if (sideBand) await packets.write(FLUSH_PACKET);
  await packets.flush();
  return true;
}

/** The capabilities that the first want names. */
async function readWants(
  packets: PacketChannel,
  { first, head }: { first: Uint8Array; head: CommitId | undefined },
): Promise<Capabilities | undefined> {
  const [firstWant = '', ...words] = packetText(first).split(' ').slice(1);
  requireWanted({ line: packetText(first), id: firstWant, head });
  for (let packet = await packets.read(); packet; packet = await packets.read()) {
    if (packet.kind === 'flush') return words.length > 0 ? parseCapabilities(words.join(' ')) : NO_CAPABILITIES;
    const line = packetText(packet.payload);
    requireWanted({ line, id: line.slice('want '.length), head });
  }
  return undefined;
}

function requireWanted({ line, id, head }: { line: string; id: string; head: CommitId | undefined }): void {
  if (line.startsWith('want ') && id === head) return;
  const detail = line.startsWith('want ') ? `it wants ${id.slice(0, 40)}, which is not the head` : unexpected(line);
  throw new SyncError('PROTOCOL_BROKEN', { protocol: 'git', detail });
}

interface HaveRound {
  readonly repository: RepositoryReader;
  readonly packets: PacketChannel;
  readonly capabilities: Capabilities;
}

/** The commits that both sides have; undefined when the other side left. */
async function readHaves({ repository, packets, capabilities }: HaveRound): Promise<readonly CommitId[] | undefined> {
  let negotiation = startNegotiation(capabilities);
  const common: CommitId[] = [];
  let named = 0;
  for (let packet = await packets.read(); packet; packet = await packets.read()) {
    const input = await understand(packet, repository);
    const step = negotiate(negotiation, input);
    negotiation = step.negotiation;
    await packets.write(...step.replies.map((reply) => formatPacket(`${reply}\n`)));
    if (input.kind !== 'have') await packets.flush();
    if (input.kind === 'done') return common;
    if (input.kind === 'have' && input.isHere) common.push(input.id);
    if (input.kind === 'have' && ++named > NEGOTIATION_HAVES) {
      throw new SyncError('LIMIT_EXCEEDED', { what: 'Number of haves', limit: NEGOTIATION_HAVES, actual: named });
    }
  }
  return undefined;
}

async function understand(packet: Packet, repository: RepositoryReader): Promise<Parameters<typeof negotiate>[1]> {
  if (packet.kind === 'flush') return { kind: 'flush' };
  const line = packetText(packet.payload);
  if (line === 'done') return { kind: 'done' };
  const id = CommitId.safeParse(line.startsWith('have ') ? line.slice('have '.length) : undefined).data;
  if (id === undefined) throw new SyncError('PROTOCOL_BROKEN', { protocol: 'git', detail: unexpected(line) });
  return { kind: 'have', id, isHere: await repository.objects.has(id) };
}

function unexpected(line: string): string {
  return `it sent ${JSON.stringify(line.slice(0, 100))} out of turn`;
}

/** A stock git shows this line to its user. The channel may be gone already; the first error is the one that counts. */
async function sayError(packets: PacketChannel, message: string): Promise<void> {
  try {
    await packets.write(formatPacket(`ERR ${message}\n`));
    await packets.flush();
  } catch {
    // Nobody listens any more.
  }
}
