import type { Digest } from '../../ids.ts';
import type { Digester } from '../ports.ts';
import { type HashTurn, isBehind, onHashed, onReaders, onRight, onTick, startHashTurn } from './hash-turn.ts';

export interface WholeHashOptions {
  readonly digester: Pick<Digester, 'follow' | 'isContended'>;
  readonly path: string;
  /** The hash has come further. */
  onHashed(): void;
}

/** The hash of a whole file, which follows its chunks: the driver of `hash-turn.ts`. */
export interface WholeHash extends AsyncDisposable {
  /** The file is right up to here. */
  advance(to: number): void;
  /** Whether somebody reads what is still coming: then bytes go first. */
  readAlong(isReadAlong: boolean): void;
  /** Every `TRANSFER_TICK_MS`. */
  tick(): void;
  /** Whether bytes have to wait for the hash, when so many are on their way to it. */
  isBehind(underWay: number): boolean;
  /** Of the file up to the last `advance`. Throws FILE_FAILED, WORKER_FAILED, CANCELLED. */
  digest(): Promise<Digest>;
}

export function openWholeHash({ digester, path, onHashed: onFurther }: WholeHashOptions): WholeHash {
  const hash = digester.follow(path, {
    onHashed(to) {
      turn = onHashed(turn, to);
      onFurther();
    },
  });
  let turn: HashTurn = startHashTurn(digester.isContended);

  function take(next: HashTurn): void {
    const isFurther = next.released > turn.released;
    turn = next;
    if (isFurther) hash.advance(turn.released);
  }

  return {
    advance: (to) => take(onRight(turn, to)),
    readAlong: (isReadAlong) => take(onReaders(turn, isReadAlong)),
    tick: () => take(onTick(turn)),
    isBehind: (underWay) => isBehind(turn, underWay),
    digest() {
      take(onReaders(turn, false));
      return hash.digest();
    },
    [Symbol.asyncDispose]: () => hash[Symbol.asyncDispose](),
  };
}
