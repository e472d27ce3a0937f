import { Duplex } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  FORWARDED_PER_ADDRESS,
  FORWARDED_PER_RANGE,
  FORWARDED_STREAMS,
  FORWARDING_MS,
} from '../../../../src/limits.ts';
import { createForwarder } from '../../../../src/net/dht/forwarder-adapter.ts';
import type { NoiseStream } from '../../../../src/net/signalling/noise-signals-adapter.ts';

const keyOf = (n: number) => {
  const key = Buffer.alloc(32);
  key.writeUInt32BE(n);
  return key;
};

/** Somebody who asks to be forwarded, and then says nothing. */
function asker(n: number, address: string): NoiseStream {
  const stream = new Duplex({ read() {}, write: (_, __, done) => done() });
  return Object.assign(stream, { remotePublicKey: keyOf(n), rawStream: { remoteHost: address } });
}

describe('a node that forwards', () => {
  let serve: (stream: NoiseStream) => void;
  beforeEach(() => {
    vi.useFakeTimers();
    serve = createForwarder({ createRawStream: () => ({}) });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  function arrive(n: number, address: string): NoiseStream {
    const stream = asker(n, address);
    serve(stream);
    return stream;
  }

  it('serves so many streams, and closes the ones beyond', () => {
    const served = Array.from({ length: FORWARDED_STREAMS }, (_, n) => arrive(n, `12.0.${n % 256}.1`));
    expect(served.every((stream) => !stream.destroyed)).toBe(true);
    expect(arrive(FORWARDED_STREAMS, '11.0.1.1').destroyed).toBe(true);
    for (const stream of served) stream.destroy();
  });

  it('serves who comes from elsewhere when a few ranges of addresses have taken all it has', () => {
    const served = Array.from({ length: FORWARDED_STREAMS }, (_, n) =>
      arrive(n, `12.0.${Math.floor(n / FORWARDED_PER_RANGE)}.${n % 4}`),
    );
    const newcomer = arrive(FORWARDED_STREAMS, '11.0.0.1');
    expect(newcomer.destroyed).toBe(false);
    expect(served.filter(({ destroyed }) => destroyed)).toHaveLength(1);
    for (const stream of [...served, newcomer]) stream.destroy();
  });

  it.each([
    ['address', () => '11.0.0.1', '11.0.0.2'],
    ['machine with a network of its own', (n: number) => `2a00:1:2:3::${n + 1}`, '2a00:1:2:4::1'],
  ])('serves no %s more than its share, whatever keys it comes with', (_, askerOf, anothers) => {
    const served = Array.from({ length: FORWARDED_PER_ADDRESS }, (_, n) => arrive(n, askerOf(n)));
    expect(served.every((stream) => !stream.destroyed)).toBe(true);
    expect(arrive(1000, askerOf(1000)).destroyed).toBe(true);
    const other = arrive(1001, anothers);
    expect(other.destroyed).toBe(false);
    for (const stream of [...served, other]) stream.destroy();
  });

  it('serves no range of addresses more than its share', () => {
    const served = Array.from({ length: FORWARDED_PER_RANGE }, (_, n) => arrive(n, `12.0.0.${n % 4}`));
    const gone = () => served.filter(({ destroyed }) => destroyed).length;
    const [elsewhere, there] = [arrive(1000, '11.0.0.1'), arrive(1001, '12.0.0.9')];
    expect([elsewhere.destroyed, there.destroyed, gone()]).toEqual([false, false, 1]);
    for (const stream of [...served, elsewhere, there]) stream.destroy();
  });

  it('serves nobody for longer than signalling takes, and has the place again', async () => {
    const [first, ...others] = Array.from({ length: FORWARDED_PER_ADDRESS }, (_, n) => arrive(n, '11.0.0.1'));
    await vi.advanceTimersByTimeAsync(FORWARDING_MS - 1);
    expect(first?.destroyed).toBe(false);
    await vi.advanceTimersByTimeAsync(1);
    expect([first, ...others].every((stream) => stream?.destroyed)).toBe(true);
    const next = arrive(1000, '11.0.0.1');
    expect(next.destroyed).toBe(false);
    next.destroy();
  });
});
