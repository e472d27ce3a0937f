import { SyncError } from '../../errors.ts';
import { CommitId } from '../../ids.ts';
import { SHALLOW_COMMITS } from '../../limits.ts';
import { type Capabilities, NO_CAPABILITIES, parseCapabilities } from './capabilities.ts';
import { type Offer, requireOffered } from './offer.ts';
import { type Packet, packetText } from './pkt-line.ts';

/** What a client asks for, up to the first flush of its request (gitprotocol-pack, "Packfile Negotiation"). */
export interface WantList {
  readonly capabilities: Capabilities;
  readonly wants: readonly CommitId[];
  /** Where the client's history ends now. */
  readonly shallow: readonly CommitId[];
  /** How many commits deep it is to be from now on. */
  readonly depth: number | undefined;
}

const EMPTY: WantList = { capabilities: NO_CAPABILITIES, wants: [], shallow: [], depth: undefined };

/** Reads the list that `first` begins; undefined when the other side left. Throws PROTOCOL_BROKEN, LIMIT_EXCEEDED. */
export async function readWantList(
  packets: { read(): Promise<Packet | undefined> },
  { first, offer }: { first: Uint8Array; offer: Offer },
): Promise<WantList | undefined> {
  let list = withLine(EMPTY, packetText(first), offer);
  for (let packet = await packets.read(); packet; packet = await packets.read()) {
    if (packet.kind === 'flush') return list;
    list = withLine(list, packetText(packet.payload), offer);
  }
  return undefined;
}

function withLine(list: WantList, line: string, offer: Offer): WantList {
  const [word, value = '', ...capabilities] = line.split(' ');
  if (word === 'want') return withWant(list, { value, capabilities, offer });
  const isFirst = list.wants.length === 0;
  if (word === 'shallow' && !isFirst) return withShallow(list, value);
  if (word === 'deepen' && !isFirst && /^\d{1,10}$/.test(value)) return { ...list, depth: Number(value) || undefined };
  throw outOfTurn(line);
}

function withWant(
  list: WantList,
  { value, capabilities, offer }: { value: string; capabilities: readonly string[]; offer: Offer },
): WantList {
  requireOffered(offer, value);
  const id = CommitId.parse(value);
  if (list.wants.length === 0) return { ...list, wants: [id], capabilities: parseCapabilities(capabilities.join(' ')) };
  return list.wants.includes(id) ? list : { ...list, wants: [...list.wants, id] };
}

function withShallow(list: WantList, value: string): WantList {
  const id = CommitId.safeParse(value).data;
  if (id === undefined) throw outOfTurn(`shallow ${value}`);
  const shallow = [...list.shallow, id];
  if (shallow.length > SHALLOW_COMMITS) {
    throw new SyncError('LIMIT_EXCEEDED', {
      what: 'Number of shallow commits',
      limit: SHALLOW_COMMITS,
      actual: shallow.length,
    });
  }
  return { ...list, shallow };
}

/** What the other side of a git exchange says where it makes no sense. */
export function outOfTurn(line: string): SyncError {
  const detail = `it sent ${JSON.stringify(line.slice(0, 100))} out of turn`;
  return new SyncError('PROTOCOL_BROKEN', { protocol: 'git', detail });
}
