import { DIAL_MS, GREETING_MS, PATH_MS, SLOW_GREETING_MS, SLOW_HANDSHAKE_MS, SLOW_PATH_MS } from '../../limits.ts';
import type { Milliseconds } from '../../ports.ts';
import type { SignalStream } from './signal-stream.ts';

/** How long the other side is waited for on a stream. */
export interface Patience {
  readonly greetingMs: Milliseconds;
  /** A path that did not get anywhere. */
  readonly pathMs: Milliseconds;
  readonly handshakeMs: Milliseconds;
}

export const QUICK: Patience = { greetingMs: GREETING_MS, pathMs: PATH_MS, handshakeMs: DIAL_MS };

const SLOW: Patience = { greetingMs: SLOW_GREETING_MS, pathMs: SLOW_PATH_MS, handshakeMs: SLOW_HANDSHAKE_MS };

export function patienceOn({ isSlow }: Pick<SignalStream, 'isSlow'>): Patience {
  return isSlow ? SLOW : QUICK;
}
