/** The forms that devices signal in. */
import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { DeviceKeys } from '../../../../src/identity/identity.ts';
import { SIGNAL_BYTES, SIGNAL_CANDIDATES } from '../../../../src/limits.ts';
import {
  fingerprintIn,
  formatSdp,
  formatSdpCandidate,
  parseSdpCandidate,
} from '../../../../src/net/paths/session-description.ts';
import { createKnownChains } from '../../../../src/net/secure/known-chains.ts';
import {
  type Candidate,
  formatCandidate,
  parseCandidate,
  tcpPriority,
} from '../../../../src/net/signalling/candidate.ts';
import {
  type Description,
  formatDescription,
  newCredentials,
  parseDescription,
  sessionNameOf,
} from '../../../../src/net/signalling/description.ts';
import { createIntroductions } from '../../../../src/net/signalling/introduction.ts';
import { createMessageReader, encodeMessage } from '../../../../src/net/signalling/message-codec.ts';
import { formatSignal, parseGreeting, parseSignal } from '../../../../src/net/signalling/signal.ts';
import { testAccount, testRandom } from '../../../support/identity/accounts.ts';
import { realClock } from '../../../support/time/real-clock.ts';

const FINGERPRINT = Array.from({ length: 32 }, (_, byte) => byte.toString(16).padStart(2, '0').toUpperCase()).join(':');
const anyWay: fc.Arbitrary<Pick<Candidate, 'transport' | 'tcpType'>> = fc.constantFrom(
  { transport: 'udp' },
  { transport: 'tcp', tcpType: 'active' },
  { transport: 'tcp', tcpType: 'passive' },
  { transport: 'tcp', tcpType: 'so' },
);
const anyPlace: fc.Arbitrary<Omit<Candidate, 'transport' | 'tcpType'>> = fc.record({
  type: fc.constantFrom('host', 'srflx', 'prflx', 'relay'),
  address: fc.oneof(fc.ipV4(), fc.ipV6()),
  port: fc.integer({ min: 1, max: 65_535 }),
  priority: fc.integer({ min: 1, max: 0x7fff_ffff }),
});
const anyCandidate: fc.Arbitrary<Candidate> = fc.tuple(anyWay, anyPlace).map(([way, place]) => ({ ...way, ...place }));
const LISTENING = { transport: 'tcp', type: 'host', tcpType: 'passive' } as const;
const OVER_UDP = { transport: 'udp', type: 'host' } as const;
const anyDescription: fc.Arbitrary<Description> = fc.record({
  ufrag: fc.stringMatching(/^[A-Za-z0-9+/]{4,16}$/),
  pwd: fc.stringMatching(/^[A-Za-z0-9+/]{22,40}$/),
  candidates: fc.array(anyCandidate, { maxLength: SIGNAL_CANDIDATES }),
  fingerprint: fc.constantFrom(undefined, FINGERPRINT),
});

describe('a description', () => {
  it('comes back as it was', () => {
    fc.assert(
      fc.property(anyDescription, (description) => {
        expect(parseDescription(formatDescription(description))).toEqual(description);
      }),
    );
  });

  it('has the form of the lines that Jami exchanges', () => {
    const priority = tcpPriority('host', 'passive');
    const candidate: Candidate = { ...LISTENING, address: '10.0.0.1', port: 4000, priority };
    const text = formatDescription({
      ufrag: 'abcd',
      pwd: 'p'.repeat(24),
      candidates: [candidate],
      fingerprint: FINGERPRINT,
    });
    expect(text.split('\n')).toEqual([
      'abcd',
      'p'.repeat(24),
      `1 1 TCP ${priority} 10.0.0.1 4000 typ host tcptype passive`,
      `fingerprint sha-256 ${FINGERPRINT}`,
    ]);
  });

  it('takes no more candidates than the limit, and skips lines it does not know', () => {
    const line = formatCandidate({ ...OVER_UDP, address: '10.0.0.1', port: 1, priority: 1 });
    const many = Array.from({ length: SIGNAL_CANDIDATES + 10 }, () => line);
    const { candidates } = parseDescription(['abcd', 'p'.repeat(24), 'something new', ...many].join('\n'));
    expect(candidates).toHaveLength(SIGNAL_CANDIDATES);
  });

  it('names its session so that only its readers can', () => {
    const [one, two] = [newCredentials(testRandom), newCredentials(testRandom)];
    expect(sessionNameOf(one)).toBe(sessionNameOf({ ...one }));
    expect(sessionNameOf({ ...one, pwd: two.pwd })).not.toBe(sessionNameOf(one));
    expect(parseDescription(formatDescription({ ...one, candidates: [], fingerprint: undefined }))).toMatchObject(one);
  });

  it('never throws anything but MALFORMED', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 200 }), (text) => {
        try {
          parseDescription(text);
        } catch (error) {
          expect(error).toMatchObject({ code: 'MALFORMED' });
        }
      }),
    );
  });
});

describe('a candidate', () => {
  it.each([
    '1 1 TCP 1 10.0.0.1 9 typ host tcptype sideways',
    '1 1 UDP 1 10.0.0.1 9 typ unheard-of',
    '1 1 UDP 1 10.0.0.1 9 typ host tcptype passive',
    '1 1 TCP 1 10.0.0.1 9 typ host',
    '1 1 UDP 1 999.0.0.1 9 typ host',
    '1 1 UDP 1 10.0.0.1 70000 typ host',
    '1 2 UDP 1 10.0.0.1 7 typ host',
    '1 1 UDP 1 localhost 7 typ host',
  ])('is left out when it is of no use: %s', (line) => {
    expect(parseCandidate(line)).toBeUndefined();
  });
});

describe('SDP', () => {
  it('carries the fingerprint and candidates that the library reads and writes', () => {
    const description = { ufrag: 'abcd', pwd: 'p'.repeat(24), candidates: [], fingerprint: FINGERPRINT };
    expect(fingerprintIn(formatSdp(description, 'offer'))).toBe(FINGERPRINT);
    const candidate: Candidate = { ...OVER_UDP, address: '10.0.0.1', port: 4000, priority: 5 };
    expect(parseSdpCandidate(`a=${formatSdpCandidate(candidate)}`)).toEqual(candidate);
  });
});

describe('signals', () => {
  it('come back as they were, through JSON', () => {
    fc.assert(
      fc.property(anyDescription, fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }), (description, id) => {
        const signal = { kind: 'offer', id, connType: 'udp', description } as const;
        expect(parseSignal(JSON.parse(JSON.stringify(formatSignal(signal))))).toEqual(signal);
      }),
    );
  });

  it('are refused, and nothing else, when they are anything else', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        for (const parse of [parseSignal, parseGreeting])
          expect(() => parse(value)).toThrow(expect.objectContaining({ code: 'MALFORMED' }));
      }),
    );
  });

  it('are cut out of the stream again, however it was cut', () => {
    const cuts = fc.infiniteStream(fc.integer({ min: 1, max: 30 }));
    fc.assert(
      fc.property(fc.array(fc.dictionary(fc.string(), fc.string()), { maxLength: 5 }), cuts, (messages, sizes) => {
        const reader = createMessageReader();
        const received: unknown[] = [];
        let rest = Buffer.concat(messages.map(encodeMessage));
        while (rest.byteLength > 0) {
          const size = sizes.next().value as number;
          received.push(...reader.push(rest.subarray(0, size)));
          rest = rest.subarray(size);
        }
        expect(JSON.stringify(received)).toBe(JSON.stringify(messages));
      }),
    );
  });

  it('are not awaited when they announce to be too long', () => {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(SIGNAL_BYTES + 1);
    expect(() => createMessageReader().push(length)).toThrow(expect.objectContaining({ code: 'LIMIT_EXCEEDED' }));
  });
});

const introductions = (keys: DeviceKeys, ownKey: Uint8Array, clock = realClock) =>
  createIntroductions({ keys, ownKey, known: createKnownChains(), clock });

describe('an introduction', () => {
  it('binds the key in the DHT to the device, and is the same each time', async () => {
    const keys = await testAccount('alice');
    const dhtKey = randomBytes(32);
    const hello = await introductions(keys, dhtKey).hello();
    const other = introductions(await testAccount('bob'), randomBytes(32));
    const peer = { device: keys.device, account: keys.account };
    expect(await other.verify(hello, dhtKey)).toEqual(peer);
    expect(await other.verify(hello, dhtKey)).toEqual(peer);
    await expect(other.verify(hello, randomBytes(32))).rejects.toMatchObject({ code: 'PEER_REJECTED' });
  });

  it('does not outlive the certificates, though it is remembered', async () => {
    const keys = await testAccount('alice');
    const dhtKey = randomBytes(32);
    const hello = await introductions(keys, dhtKey).hello();
    let now = realClock.now();
    const other = introductions(keys, randomBytes(32), { ...realClock, now: () => now });
    await other.verify(hello, dhtKey);
    now = keys.chain.device.notAfter + 1;
    await expect(other.verify(hello, dhtKey)).rejects.toMatchObject({ code: 'PEER_REJECTED' });
  });
});
