import { setImmediate as breathe } from 'node:timers/promises';
import type { CommitId } from '../../ids.ts';
import { type Cleared, createClearance } from '../screening/clearance.ts';
import type { ScreenedCommits } from '../screening/screened-commits.ts';
import type { WalkedCommits } from '../screening/walk-screened.ts';

export interface ToJudge extends Pick<Cleared, 'history' | 'founding'> {
  readonly screened?: ScreenedCommits | undefined;
  /** Told how many commits have been passed on or cleared. */
  readonly onPassed?: ((passed: number) => void) | undefined;
  readonly signal: AbortSignal;
}

const COMMITS_IN_A_TURN = 1000;

/** Of what was walked now the commits that are not clear, in canonical order. Throws the signal's reason. */
export async function* commitsToJudge(
  { graph, count, screenedRows }: WalkedCommits,
  { history, founding, screened, onPassed, signal }: ToJudge,
): AsyncGenerator<CommitId> {
  const isClear = screened ? createClearance({ history, founding, screened }) : () => false;
  const screenedRowOf = (row: number) => screenedRows?.[row] ?? screened?.rowOf(graph.idAt(row));
  for (let row = 0; row < count; row += 1) {
    if (row % COMMITS_IN_A_TURN === COMMITS_IN_A_TURN - 1) await breathe();
    signal.throwIfAborted();
    onPassed?.(row + 1);
    const screenedRow = screenedRowOf(row);
    const clear = screenedRow !== undefined && isClear(screenedRow);
    // Hardly ever a promise: awaiting each of a hundred thousand costs more than looking at it.
    if (clear === true || (clear !== false && (await clear))) continue;
    yield graph.idAt(row);
  }
}
