/** Several streams in one (gitprotocol-pack, "Packfile Data"): the first byte of each packet says which. */
import { SyncError } from '../../errors.ts';
import { formatPacket, packetText } from './pkt-line.ts';

export type Band = 'pack' | 'progress' | 'error';

const NUMBERS: { readonly [Name in Band]: number } = { pack: 1, progress: 2, error: 3 };

/** Most bytes of one packet under each capability, the band's number not counted. */
const SIDE_BAND_BYTES = { 'side-band-64k': 65_515, 'side-band': 995 } as const;
export type SideBandCapability = keyof typeof SIDE_BAND_BYTES;
const RAW_BYTES = SIDE_BAND_BYTES['side-band-64k'];

/** The bytes in packets of a band, nothing in an empty one; without the capability, in pieces of the same size that are no packets. */
export function* formatSideBand(
  band: Band,
  bytes: Uint8Array,
  capability: SideBandCapability | undefined,
): Iterable<Uint8Array> {
  if (capability === undefined) {
    for (let at = 0; at < bytes.byteLength; at += RAW_BYTES) yield bytes.subarray(at, at + RAW_BYTES);
    return;
  }
  const most = SIDE_BAND_BYTES[capability];
  for (let at = 0; at === 0 || at < bytes.byteLength; at += most) {
    yield formatPacket(Uint8Array.of(NUMBERS[band]), bytes.subarray(at, at + most));
  }
}

/** The band of a packet, or undefined when its first byte names none: then it is a line of text. */
export function bandOf(payload: Uint8Array): Band | undefined {
  const first = payload[0];
  if (first === NUMBERS.pack) return 'pack';
  if (first === NUMBERS.progress) return 'progress';
  return first === NUMBERS.error ? 'error' : undefined;
}

/**
 * The pack's bytes of one packet, or undefined when it holds none. Throws PROTOCOL_BROKEN, and GIT_REFUSED with the
 * other side's own words.
 */
export function packBytesOf(payload: Uint8Array): Uint8Array | undefined {
  const band = bandOf(payload);
  if (band === 'pack') return payload.subarray(1);
  if (band === 'progress') return undefined;
  if (band === 'error') {
    throw new SyncError('GIT_REFUSED', { detail: JSON.stringify(packetText(payload.subarray(1, 200))) });
  }
  throw new SyncError('PROTOCOL_BROKEN', { protocol: 'git', detail: 'a packet of the pack has no band' });
}
