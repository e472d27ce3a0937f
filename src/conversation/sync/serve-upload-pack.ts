import { isSyncError, messageOf, SyncError } from '../../errors.ts';
import { CommitId, type ConversationId } from '../../ids.ts';
import { NEGOTIATION_HAVES, SYNC_MS } from '../../limits.ts';
import type { Clock, Milliseconds } from '../../ports.ts';
import type { RepositoryReader } from '../repository/repository.ts';
import { cutAtDepth, type ShallowCut } from '../repository/shallow-cut.ts';
import type { Capabilities } from './capabilities.ts';
import { negotiate, startNegotiation } from './negotiation.ts';
import { type Offer, offerMain } from './offer.ts';
import { type Lane, openPacketChannel, type PacketChannel } from './packet-channel.ts';
import { FLUSH_PACKET, formatPacket, type Packet, packetText } from './pkt-line.ts';
import { isRequestLine, requireRequestFor } from './request-line.ts';
import { createSendLists, type SendLists } from './send-lists.ts';
import { sendPack } from './send-pack.ts';
import { outOfTurn, readWantList } from './want-list.ts';

export interface ServeOptions {
  readonly conversation: ConversationId;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** What is advertised; the branch of the conversation unless given. */
  readonly offer?: (repository: RepositoryReader) => Promise<Offer>;
  /** Whether a commit that the other side names is here; looked for among the objects unless given. */
  readonly has?: (id: CommitId) => boolean | Promise<boolean>;
  /** How long the other side may rest between two requests. */
  readonly restMs?: Milliseconds;
  /** How long it may keep us waiting in all. Unlimited unless given. */
  readonly waitingMs?: Milliseconds;
  /** Shared by those who serve the same repository at the same time. */
  readonly lists?: SendLists;
}

export interface Served {
  /** The newest commit that the other side has now, as far as its requests tell. */
  readonly served?: CommitId;
}

const CAPABILITIES =
  'multi_ack multi_ack_detailed side-band side-band-64k ofs-delta shallow deepen-relative no-progress include-tag';
const NO_ID = '0'.repeat(40);

/**
 * Answers `git-upload-pack` requests, protocol version 0, until the other side ends the lane: a stock `git fetch` understands it,
 * and so do Jami's daemons. Wants must name what was advertised.
 * Throws PROTOCOL_BROKEN, MALFORMED, LIMIT_EXCEEDED (after telling the other side), TIMED_OUT, CHANNEL_CLOSED and the signal's reason.
 */
export async function serveUploadPack(
  repository: RepositoryReader,
  lane: Lane,
  options: ServeOptions,
): Promise<Served> {
  const packets = openPacketChannel(lane, options);
  try {
    const { objects } = repository;
    const { clock, lists = createSendLists(objects), has = objects.has } = options;
    return await serveRequests({ repository, packets, clock, lists, has }, options);
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
  readonly clock: Clock;
  readonly lists: SendLists;
  readonly has: NonNullable<ServeOptions['has']>;
}

const NOTHING: Offer = { head: undefined, headBranch: undefined, refs: [] };

// Between two requests a channel may rest for as long as an exchange of commits may take.
async function serveRequests(
  session: Session,
  { conversation, offer: makeOffer = offerMain, restMs = SYNC_MS }: ServeOptions,
): Promise<Served> {
  const { repository, packets } = session;
  const next = () => packets.read({ patienceMs: restMs });
  let offer = NOTHING;
  let served: CommitId | undefined;
  for (let packet = await next(); packet; packet = await next()) {
    if (packet.kind === 'flush') {
      // It saw the head and wants nothing: it has that commit.
      served = offer.head ?? served;
    } else if (isRequestLine(packet.payload)) {
      requireRequestFor(conversation, packet.payload);
      offer = await makeOffer(repository);
      await advertise(packets, offer);
    } else if (await serveRound(session, { first: packet.payload, offer })) {
      served = offer.head;
    } else {
      break;
    }
  }
  return served === undefined ? {} : { served };
}

async function advertise(packets: PacketChannel, { head, headBranch, refs }: Offer): Promise<void> {
  const symref = headBranch === undefined ? [] : [`symref=HEAD:${headBranch}`];
  const [first = `${NO_ID} capabilities^{}`, ...others] = [
    ...(head === undefined ? [] : [`${head} HEAD`]),
    ...refs.flatMap(({ name, id, peeled }) => [`${id} ${name}`, ...(peeled ? [`${peeled} ${name}^{}`] : [])]),
  ];
  const capabilities = [CAPABILITIES, ...(head === undefined ? [] : symref), 'agent=swarmlog'].join(' ');
  await packets.write(formatPacket(`${first}\0${capabilities}\n`));
  for (const line of others) await packets.write(formatPacket(`${line}\n`));
  await packets.write(FLUSH_PACKET);
  await packets.flush();
}

/** From the first want to the end of the pack. False when the other side left before it said "done". */
async function serveRound(session: Session, { first, offer }: { first: Uint8Array; offer: Offer }): Promise<boolean> {
  const { packets, repository, has } = session;
  const list = await readWantList(packets, { first, offer });
  if (!list) return false;
  const isRelative = list.capabilities.has('deepen-relative');
  const cut = await cutAtDepth(repository.objects, { ...list, isRelative });
  if (list.depth !== undefined) await sayCut(packets, cut);
  const haves = await readHaves({ packets, has, capabilities: list.capabilities });
  if (!haves) return false;
  await sendPack(session, { list, cut, haves, offer });
  return true;
}

async function sayCut(packets: PacketChannel, { shallow, unshallow }: ShallowCut): Promise<void> {
  const lines = [...shallow.map((id) => `shallow ${id}`), ...unshallow.map((id) => `unshallow ${id}`)];
  for (const line of lines) await packets.write(formatPacket(`${line}\n`));
  await packets.write(FLUSH_PACKET);
  await packets.flush();
}

interface HaveRound extends Pick<Session, 'packets' | 'has'> {
  readonly capabilities: Capabilities;
}

/** The commits that both sides have; undefined when the other side left. */
async function readHaves({ packets, has, capabilities }: HaveRound): Promise<readonly CommitId[] | undefined> {
  let negotiation = startNegotiation(capabilities);
  const common: CommitId[] = [];
  let named = 0;
  for (let packet = await packets.read(); packet; packet = await packets.read()) {
    const input = await understand(packet, has);
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

async function understand(packet: Packet, has: Session['has']): Promise<Parameters<typeof negotiate>[1]> {
  if (packet.kind === 'flush') return { kind: 'flush' };
  const line = packetText(packet.payload);
  if (line === 'done') return { kind: 'done' };
  const id = CommitId.safeParse(line.startsWith('have ') ? line.slice('have '.length) : undefined).data;
  if (id === undefined) throw outOfTurn(line);
  return { kind: 'have', id, isHere: await has(id) };
}

/** A stock git shows this line to its user. The lane may be gone already; the first error is the one that counts. */
async function sayError(packets: PacketChannel, message: string): Promise<void> {
  try {
    await packets.write(formatPacket(`ERR ${message}\n`));
    await packets.flush();
  } catch {
    // Nobody listens any more.
  }
}
