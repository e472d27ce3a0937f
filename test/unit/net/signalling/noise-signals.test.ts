import { PassThrough } from 'node:stream';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { SIGNAL_FLUSH_MS, SIGNALS_WAITING } from '../../../../src/limits.ts';
import { encodeMessage } from '../../../../src/net/signalling/message-codec.ts';
import { type NoiseStream, noiseSignals } from '../../../../src/net/signalling/noise-signals-adapter.ts';

const { signal } = new AbortController();

/** What the other side writes is what is written into it. */
function peer(): NoiseStream {
  const remotePublicKey = Buffer.alloc(32, 1);
  return Object.assign(new PassThrough(), { remotePublicKey, rawStream: { remoteHost: '11.0.0.1' } });
}

const messages = (count: number) => Buffer.concat(Array.from({ length: count }, (_, n) => encodeMessage({ n })));

describe('signals of a peer', () => {
  it('wait to be looked at, as many as may', async () => {
    const stream = peer();
    const signals = noiseSignals(stream, { isLocal: false });
    stream.emit('data', messages(SIGNALS_WAITING));
    expect(stream.destroyed).toBe(false);
    expect(await signals.receive({ signal })).toEqual({ message: { n: 0 } });
    expect(signals.remoteHost).toBe('11.0.0.1');
  });

  it('cost it the stream when more come than anybody looks at', () => {
    const stream = peer();
    noiseSignals(stream, { isLocal: false });
    stream.emit('data', messages(SIGNALS_WAITING + 1));
    expect(stream.destroyed).toBe(true);
  });

  it('cost it the stream when they are none', () => {
    const stream = peer();
    noiseSignals(stream, { isLocal: false });
    stream.emit('data', Buffer.from('\0\0\0\u0003nay'));
    expect(stream.destroyed).toBe(true);
  });

  it('end within their time although the other side does not hang up', async () => {
    const stream = peer();
    stream.end = () => stream;
    vi.useFakeTimers();
    onTestFinished(() => void vi.useRealTimers());
    noiseSignals(stream, { isLocal: false }).close();
    await vi.advanceTimersByTimeAsync(SIGNAL_FLUSH_MS - 1);
    expect(stream.destroyed).toBe(false);
    await vi.advanceTimersByTimeAsync(1);
    expect(stream.destroyed).toBe(true);
  });
});
