import { PACE_BURST_MS, PACE_PIECE_BYTES_MIN } from '../../limits.ts';
import type { Clock, Milliseconds } from '../../ports.ts';
import { createFairShares, type Wish } from './fair-shares.ts';

/** Lets bytes through at a limited rate, or at once when there is no limit. */
export interface Pace {
  /**
   * Resolves when so many bytes may move. Those who wait get equal shares: `name` says whose bytes they are, so that one
   * device with many files does not starve another. Throws the signal's reason.
   */
  take(bytes: number, options: TakeOptions): Promise<void>;
  /** Whether anybody may have to wait at all. */
  isLimited(): boolean;
  /** As many bytes as are well taken at a time: few enough to flow evenly. Without end when there is no limit. */
  pieceBytes(): number;
}

export interface TakeOptions {
  readonly name: string;
  readonly signal: AbortSignal;
}

/** A pace whose limit may be changed while others wait at it. */
export interface AdjustablePace extends Pace {
  /** In bytes a second; undefined lifts the limit. */
  limit(bytesPerSecond: number | undefined): void;
}

/**
 * How far ahead the bytes that were let through are paid for. It is counted in time, not in bytes, so that a debt made at a
 * high limit does not become an endless wait at a low one.
 */
export interface Account {
  readonly paidUntil: Milliseconds;
  /** When it was last looked at. */
  readonly at: Milliseconds;
}

/**
 * The account as it stands at `now`. What was not used is kept for `PACE_BURST_MS` and no longer: that much may follow at once.
 * A clock that was set back takes the debt back with it.
 */
export function accountAt({ paidUntil, at }: Account, now: Milliseconds): Account {
  const setBack = Math.max(0, at - now);
  return { paidUntil: Math.max(paidUntil - setBack, now - PACE_BURST_MS), at: now };
}

/** Whoever comes while nothing is owed may pass with any number of bytes; the next one waits until they are paid for. */
export function isOwing({ paidUntil, at }: Account): boolean {
  return paidUntil > at;
}

export function charge(account: Account, bytes: number, bytesPerSecond: number): Account {
  return { ...account, paidUntil: account.paidUntil + (bytes / bytesPerSecond) * 1000 };
}

/**
 * What is owed when the limit changes: never a longer wait than before, and no more bytes either. Without this, a large piece
 * that passed at a high limit would hold up everything at a low one, and a low one would be felt after it was raised.
 */
export function atNewRate({ paidUntil, at }: Account, from: number, to: number): Account {
  return { paidUntil: at + (paidUntil - at) * Math.min(1, from / to), at };
}

interface Waiting extends Wish {
  grant(): void;
}

export function createPace(clock: Clock, bytesPerSecond?: number): AdjustablePace {
  const waiting = createFairShares<Waiting>();
  let rate = bytesPerSecond;
  let account: Account = { paidUntil: Number.NEGATIVE_INFINITY, at: clock.now() };
  /** While somebody waits. */
  let granting: AbortController | undefined;

  /** In short naps, so that a new limit is heard of soon. */
  async function untilPaid(signal: AbortSignal): Promise<void> {
    account = accountAt(account, clock.now());
    while (rate !== undefined && isOwing(account)) {
      await clock.wait(Math.min(Math.ceil(account.paidUntil - account.at), PACE_BURST_MS), signal);
      account = accountAt(account, clock.now());
    }
  }

  /** Who is next is decided when the bytes are there, not before. */
  async function grantAll(signal: AbortSignal): Promise<void> {
    while (!waiting.isEmpty) {
      await untilPaid(signal);
      const next = waiting.shift();
      if (next && rate !== undefined) account = charge(account, next.bytes, rate);
      next?.grant();
    }
  }

  function start(): void {
    if (granting) return;
    const started = new AbortController();
    granting = started;
    void grantAll(started.signal)
      // The last one to wait has gone away.
      .catch(() => {})
      .then(() => {
        granting = undefined;
        if (!waiting.isEmpty) start();
      });
  }

  function leave(wish: Waiting): void {
    waiting.remove(wish);
    if (waiting.isEmpty) granting?.abort();
  }

  function wait(bytes: number, { name, signal }: TakeOptions): Promise<void> {
    return new Promise((resolve, reject) => {
      const abort = () => {
        leave(wish);
        reject(signal.reason);
      };
      const grant = () => {
        signal.removeEventListener('abort', abort);
        resolve();
      };
      const wish = { name, bytes, grant };
      signal.addEventListener('abort', abort, { once: true });
      waiting.add(wish);
      start();
    });
  }

  return {
    async take(bytes, options) {
      options.signal.throwIfAborted();
      if (rate !== undefined) await wait(bytes, options);
    },
    isLimited: () => rate !== undefined,
    pieceBytes: () => (rate === undefined ? Number.POSITIVE_INFINITY : pieceBytesAt(rate)),
    limit(bytesPerSecond) {
      if (rate !== undefined && bytesPerSecond !== undefined) {
        account = atNewRate(accountAt(account, clock.now()), rate, bytesPerSecond);
      }
      rate = bytesPerSecond;
    },
  };
}

/** Of half a burst at most: one piece is under way while the next one is paid for. A power of two, as all sizes of messages are. */
function pieceBytesAt(bytesPerSecond: number): number {
  return Math.max(PACE_PIECE_BYTES_MIN, 2 ** Math.floor(Math.log2((bytesPerSecond * PACE_BURST_MS) / 2000)));
}

/** What passes all of them, one after the other: the limit of a conversation, then the one for everything. */
export function paceOfAll(paces: readonly Pace[]): Pace {
  return {
    async take(bytes, options) {
      for (const pace of paces) await pace.take(bytes, options);
    },
    isLimited: () => paces.some((pace) => pace.isLimited()),
    pieceBytes: () => Math.min(...paces.map((pace) => pace.pieceBytes())),
  };
}

/** A pace as one of those who share it sees it. */
export interface PaceShare {
  /** As `Pace.take`. */
  take(bytes: number, signal: AbortSignal): Promise<void>;
  isLimited(): boolean;
  pieceBytes(): number;
}

export function shareOf(pace: Pace, name: string): PaceShare {
  return {
    take: (bytes, signal) => pace.take(bytes, { name, signal }),
    isLimited: () => pace.isLimited(),
    pieceBytes: () => pace.pieceBytes(),
  };
}
