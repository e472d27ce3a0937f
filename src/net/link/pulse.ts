import type { Clock, Milliseconds } from '../../ports.ts';
import { type Heartbeat, type HeartbeatInput, isNews, startHeartbeat, step, TICK_MS } from './heartbeat.ts';

export interface PulseOptions {
  readonly clock: Clock;
  probe(nonce: number): void;
  /** The other side is silent; at most once. */
  cut(): void;
}

/** Keeps a link's heartbeat: tells it what happens, and does what it wants. */
export interface Pulse {
  readonly roundTripMs: Milliseconds | undefined;
  heard(): void;
  answered(nonce: number): void;
  /** Begins anew, on a new way, with a probe that measures it. */
  restart(): void;
  /** Beats until the signal fires, and says so each time. */
  run(options: { readonly signal: AbortSignal; onBeat(): void }): Promise<void>;
}

export function createPulse({ clock, probe, cut }: PulseOptions): Pulse {
  let state: Heartbeat = startHeartbeat(clock.now());

  function take(input: HeartbeatInput): void {
    const next = step(state, input);
    state = next.state;
    if (next.verdict.kind === 'probe') probe(next.verdict.nonce);
    if (next.verdict.kind === 'cut') cut();
  }
  const tick = () => take({ kind: 'tick', now: clock.now() });

  return {
    get roundTripMs() {
      return state.roundTripMs;
    },
    heard() {
      const now = clock.now();
      if (isNews(state, now)) take({ kind: 'heard', now });
    },
    answered: (nonce) => take({ kind: 'pong', nonce, now: clock.now() }),
    restart() {
      state = startHeartbeat(clock.now());
      tick();
    },
    async run({ signal, onBeat }) {
      while (!signal.aborted) {
        await clock.wait(TICK_MS, signal).catch(() => {});
        if (!signal.aborted) tick();
        onBeat();
      }
    },
  };
}
