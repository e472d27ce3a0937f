/**
 * A path of two streams, one for each direction. A relay stops for good when both directions of one of its connections are
 * full at the same time (coturn 4.6, decision 35); where a connection carries one direction only, that cannot be.
 */
import type { DeviceId } from '../../ids.ts';
import { PATH_STREAMS } from '../../limits.ts';
import { joinStreams } from '../secure/joined-stream.ts';
import type { DialSecure, ProvedStream, SecureStreams } from '../secure/secure-streams.ts';
import { type Credentials, sessionNameOf } from '../signalling/description.ts';

/** Of who dials: what it writes on, and what it reads from. */
export type Half = 'there' | 'back';

interface Pairing {
  /** Of who is dialled. */
  readonly credentials: Credentials;
  /** The other side. */
  readonly device: DeviceId;
}

/** Tries overlap, so that both halves of each have names of their own. */
function halfName(credentials: Credentials, number: number, half: Half): string {
  return sessionNameOf(credentials, `${number} ${half}`);
}

export interface ExpectedPairs extends Pairing {
  readonly streams: Pick<SecureStreams, 'expect'>;
  onStream(stream: ProvedStream): void;
}

/** Waits for the other side's `dialPair`, of `PATH_STREAMS` tries. Returns how to stop waiting. */
export function expectPairs(options: ExpectedPairs): () => void {
  const stops = Array.from({ length: PATH_STREAMS }, (_, number) => expectPair(number, options));
  return () => {
    for (const stop of stops) stop();
  };
}

function expectPair(number: number, { streams, credentials, device, onStream }: ExpectedPairs): () => void {
  const came = new Map<Half, ProvedStream>();
  let isOver = false;

  function onHalf(half: Half, stream: ProvedStream): void {
    if (isOver || came.has(half)) {
      stream.stream.destroy();
      return;
    }
    came.set(half, stream);
    const [reads, writes] = [came.get('there'), came.get('back')];
    if (reads === undefined || writes === undefined) return;
    isOver = true;
    onStream(joinStreams({ writes, reads }));
  }

  const expect = (half: Half) =>
    streams.expect({
      name: halfName(credentials, number, half),
      device,
      onStream: (stream) => onHalf(half, stream),
    });
  const stops = [expect('there'), expect('back')];
  return () => {
    for (const stop of stops) stop();
    if (!isOver) for (const { stream } of came.values()) stream.destroy();
    isOver = true;
  };
}

export interface PairDial extends Pairing {
  /** Which try it is; each has another number, below `PATH_STREAMS`. */
  readonly number: number;
  readonly signal: AbortSignal;
  dial(half: Half, options: DialSecure): Promise<ProvedStream>;
}

/** Both halves at the same time. Throws what either fails with. */
export async function dialPair({ credentials, device, number, signal, dial }: PairDial): Promise<ProvedStream> {
  const failed = new AbortController();
  const either = AbortSignal.any([signal, failed.signal]);
  const dialHalf = async (half: Half) => {
    try {
      return await dial(half, { name: halfName(credentials, number, half), device, signal: either });
    } catch (error) {
      failed.abort(error);
      throw error;
    }
  };
  const [there, back] = await Promise.allSettled([dialHalf('there'), dialHalf('back')]);
  if (there.status === 'fulfilled' && back.status === 'fulfilled')
    return joinStreams({ writes: there.value, reads: back.value });
  for (const half of [there, back]) if (half.status === 'fulfilled') half.value.stream.destroy();
  throw failed.signal.reason;
}
