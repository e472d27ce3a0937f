import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { StunAttributes } from '../../../../src/net/stun/attributes.ts';
import { decodeStun, encodeStun, looksLikeStun, type StunMessage } from '../../../../src/net/stun/message.ts';
import { thrownBy } from '../../../support/thrown.ts';

const text = fc.string({ unit: 'grapheme', maxLength: 40 });
const uint32 = fc.integer({ min: 0, max: 0xffff_ffff });
const uint64 = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });
const host = fc.oneof(
  fc.ipV4(),
  fc.ipV6().map((ip) => new URL(`http://[${ip}]`).hostname.slice(1, -1)),
);
const address = fc.record({ host, port: fc.integer({ min: 0, max: 65_535 }) });
const anyAttributes: fc.Arbitrary<StunAttributes> = fc.record(
  {
    mappedAddress: address,
    xorMappedAddress: address,
    relayedAddress: address,
    peerAddress: address,
    otherAddress: address,
    alternateServer: address,
    ...{ username: text, realm: text, nonce: text, software: text },
    errorCode: fc.record({ code: fc.integer({ min: 300, max: 699 }), reason: text }),
    unknownAttributes: fc.array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 5 }),
    ...{ changeRequest: uint32, lifetime: uint32, priority: uint32, connectionId: uint32 },
    data: fc.uint8Array({ maxLength: 100 }).map((bytes) => Buffer.from(bytes)),
    addressFamily: fc.constantFrom(4 as const, 6 as const),
    transport: fc.constantFrom(6, 17),
    useCandidate: fc.constant(true as const),
    iceControlled: uint64,
    iceControlling: uint64,
  },
  { requiredKeys: [] },
);
const anyMessage: fc.Arbitrary<StunMessage> = fc.record({
  class: fc.constantFrom('request', 'indication', 'success', 'error'),
  method: fc.constantFrom('binding', 'allocate', 'refresh', 'create-permission', 'connect', 'connection-bind'),
  transaction: fc.uint8Array({ minLength: 12, maxLength: 12 }).map((bytes) => Buffer.from(bytes).toString('hex')),
  attributes: anyAttributes,
});
const key = Buffer.from('key');

describe('STUN messages', () => {
  it('come back as they were, and prove who made them', () => {
    fc.assert(
      fc.property(anyMessage, fc.boolean(), (message, isKeyed) => {
        const bytes = encodeStun(message, isKeyed ? key : undefined);
        expect(looksLikeStun(bytes)).toBe(true);
        const decoded = decodeStun(bytes);
        expect(decoded).toMatchObject({ class: message.class, method: message.method, notUnderstood: [] });
        expect(decoded.transaction).toBe(message.transaction);
        expect(decoded.attributes).toEqual(message.attributes);
        expect(decoded.isProvedBy(key)).toBe(isKeyed);
        expect(decoded.isProvedBy(Buffer.from('another'))).toBe(false);
      }),
    );
  });

  const FINGERPRINT_BYTES = 8;

  it('do not survive a changed bit, unless as a refusal', () => {
    fc.assert(
      fc.property(anyMessage, fc.nat(), (message, at) => {
        const bytes = Buffer.from(encodeStun(message, key));
        // But for the word that says that a fingerprint follows: what is none does not count after the proof.
        const changeable = bytes.length - FINGERPRINT_BYTES;
        const bit = at % (changeable * 8);
        bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) ^ (1 << (bit & 7));
        expect(isAccepted(bytes)).toBe(false);
      }),
    );
  });

  it('are refused as malformed when they are cut off, or are something else', async () => {
    await fc.assert(
      fc.asyncProperty(fc.oneof(fc.uint8Array({ maxLength: 200 }), anyMessage.chain(cutOff)), async (bytes) => {
        await thrownBy('MALFORMED', () => decodeStun(bytes));
      }),
    );
  });

  it('name the attributes that had to be understood, and were not', () => {
    const bytes = Buffer.from('000100082112a442000102030405060708090a0b7ffe0004deadbeef', 'hex');
    expect(decodeStun(bytes)).toMatchObject({ attributes: {}, notUnderstood: [0x7ffe] });
    const optional = Buffer.from('000100082112a442000102030405060708090a0bfffe0004deadbeef', 'hex');
    expect(decodeStun(optional)).toMatchObject({ attributes: {}, notUnderstood: [] });
  });

  it('do not count what follows the proof', () => {
    const proved = encodeStun(
      { class: 'request', method: 'binding', transaction: '00'.repeat(12), attributes: {} },
      key,
    );
    // The fingerprint's place is taken by an attribute that nobody vouches for.
    const smuggled = Buffer.concat([proved.subarray(0, -8), Buffer.from('0024000400000001', 'hex')]);
    const decoded = decodeStun(smuggled);
    expect(decoded.attributes).toEqual({});
    expect(decoded.isProvedBy(key)).toBe(true);
  });
});

function isAccepted(bytes: Uint8Array): boolean {
  try {
    return decodeStun(bytes).isProvedBy(key);
  } catch {
    return false;
  }
}

function cutOff(message: StunMessage): fc.Arbitrary<Uint8Array> {
  const bytes = encodeStun(message, key);
  return fc.integer({ min: 0, max: bytes.length - 1 }).map((length) => bytes.subarray(0, length));
}
