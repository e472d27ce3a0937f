import { setTimeout as delay } from 'node:timers/promises';
import type { PathKind } from '../../src/net/net.ts';
import type { LabCase } from './cases.ts';
import { Lab } from './lab.ts';
import { type MadeHomes, Stage } from './stage.ts';

export interface LabResult {
  /** The kind of path that carries the link. */
  readonly path: PathKind;
  readonly isVerified: boolean;
  /** From both engines being up to a link. */
  readonly connectMs: number;
  readonly megabytesPerSecond: number;
}

const MEGABYTE = 1_000_000;

/** Builds what the case says, links the two devices, and moves a file of that size from one to the other. */
export async function runCase(labCase: LabCase, homes: MadeHomes, size: number): Promise<LabResult> {
  const { place, wins, bobIdlesMs, interruption } = labCase;
  using lab = new Lab();
  await using stage = new Stage(homes);
  const { alice, bob } = await place(lab, stage);
  const pace = interruption ? ['--limit-up', interruption.pace] : [];
  try {
    const bobIsUp = stage.up('bob', bob);
    if (bobIdlesMs !== undefined) await bobIsUp.then(() => delay(bobIdlesMs));
    await Promise.all([stage.up('alice', { ...alice, options: [...alice.options, ...pace] }), bobIsUp]);
    const began = performance.now();
    await stage.linked();
    const connectMs = Math.round(performance.now() - began);
    const bytes = interruption?.size ?? size;
    const { isVerified, seconds } = await stage.send(bytes, async () => {
      if (interruption === undefined) return;
      await stage.moved(bytes / 4);
      await interruption.strike(stage, lab);
    });
    // Where all is slow a worse path may be first; the link moves on when a better one works.
    const path = await stage.pathAmong(wins);
    return { isVerified, connectMs, path, megabytesPerSecond: bytes / MEGABYTE / seconds };
  } catch (cause) {
    throw new Error(`the case failed; the programs said:\n${stage.output()}`, { cause });
  }
}
