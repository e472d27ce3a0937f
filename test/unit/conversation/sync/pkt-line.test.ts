import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  createPacketDecoder,
  FLUSH_PACKET,
  formatPacket,
  PAYLOAD_BYTES,
  packetText,
} from '../../../../src/conversation/sync/pkt-line.ts';
import { formatSideBand, packBytesOf } from '../../../../src/conversation/sync/side-band.ts';
import { thrownBy } from '../../../support/thrown.ts';

const payloads = fc.array(fc.option(fc.uint8Array({ maxLength: 60 }), { nil: 'flush' as const }));

describe('packets', () => {
  it('arrive as they were sent, however the bytes are cut', () => {
    fc.assert(
      fc.property(payloads, fc.integer({ min: 1, max: 50 }), (list, size) => {
        const bytes = Buffer.concat(
          list.map((payload) => (payload === 'flush' ? FLUSH_PACKET : formatPacket(payload))),
        );
        const decoder = createPacketDecoder();
        const received: (number[] | 'flush')[] = [];
        for (let at = 0; at < bytes.byteLength; at += size) {
          const packets = decoder.push(bytes.subarray(at, at + size));
          received.push(...packets.map((packet) => (packet.kind === 'flush' ? 'flush' : [...packet.payload])));
        }
        expect(received).toEqual(list.map((payload) => (payload === 'flush' ? 'flush' : [...payload])));
        expect(decoder.isWithinPacket).toBe(false);
      }),
    );
  });

  it('look as gitprotocol-common says', () => {
    expect(Buffer.from(formatPacket('foobar\n')).toString()).toBe('000bfoobar\n');
    expect(packetText(Buffer.from('foobar\n'))).toBe('foobar');
  });

  it('are packets or refused for every length there is, and never wait for more than the length says', async () => {
    const payload = Buffer.alloc(PAYLOAD_BYTES);
    for (let length = 0; length < 0x10000; length += 1) {
      const decoder = createPacketDecoder();
      const header = Buffer.from(length.toString(16).padStart(4, '0'));
      if (length !== 0 && (length < 4 || length > PAYLOAD_BYTES + 4)) {
        await thrownBy('MALFORMED', () => decoder.push(header));
      } else {
        const received = decoder.push(Buffer.concat([header, payload.subarray(0, Math.max(0, length - 4))]));
        if (received.length !== 1 || decoder.isWithinPacket) throw new Error(`length ${length} was not one packet`);
      }
    }
  });

  it('are refused when they are too long, or their length is none', async () => {
    await thrownBy('LIMIT_EXCEEDED', () => formatPacket(new Uint8Array(PAYLOAD_BYTES + 1)));
    for (const bad of ['0001', '0002', '0003', 'fff1', 'ffff', 'zzzz', '-001', '00 5', '0x10']) {
      await thrownBy('MALFORMED', () => createPacketDecoder().push(Buffer.from(`${bad}more`)));
    }
  });
});

describe('a side band', () => {
  it.each(['side-band', 'side-band-64k'] as const)('carries the pack in packets of its own size: %s', (capability) => {
    const bytes = Buffer.alloc(200_000, 'pack');
    const packets = [...formatSideBand('pack', bytes, capability)];
    const most = capability === 'side-band' ? 1000 : 65_520;
    expect(packets.every((packet) => packet.byteLength <= most)).toBe(true);
    const received = packets.flatMap((packet) => createPacketDecoder().push(packet));
    const carried = received.map(
      (packet) => (packet.kind === 'data' ? packBytesOf(packet.payload) : undefined) ?? new Uint8Array(),
    );
    expect(Buffer.concat(carried)).toEqual(bytes);
  });

  it('passes over progress, and throws what the other side says went wrong', async () => {
    expect(packBytesOf(Buffer.from('\u0002Counting objects'))).toBeUndefined();
    const { data } = await thrownBy('GIT_REFUSED', () => packBytesOf(Buffer.from('\u0003out of memory\n')));
    expect(data.detail).toBe('"out of memory"');
    await thrownBy('PROTOCOL_BROKEN', () => packBytesOf(new Uint8Array()));
  });
});
