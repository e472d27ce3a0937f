import type { CommitId } from '../../ids.ts';
import { type MissingFile, missingFile, missingFiles } from '../missing-files.ts';
import type { PolicyRule } from '../policy/rule.ts';
import { type NextStep, nextStep } from './next-step.ts';
import type { PlannedConversation } from './plan.ts';
import type { PlanWorld } from './plan-world.ts';
import { compareTurns, type Lane, laneOf, turnOf } from './serving-order.ts';
import { type Hold, holdOn } from './wanting.ts';
import { type HoldersView, holdersOf } from './why.ts';

/** What a missing file waits for, and which rule of the policy decided that. */
export interface WaitingFile extends MissingFile {
  readonly rule: PolicyRule;
  /** The place of the user's rule that leaves it to them, from 1. */
  readonly ownRule?: number;
  readonly holders: HoldersView;
  readonly waitsFor: NextStep | { readonly step: Hold };
}

export interface WaitingOptions {
  readonly world: PlanWorld;
  isSlotFree(lane: Lane): boolean;
}

/** Every missing file with what it waits for, in the order they are served: what the user asked for first, then the newest. */
export function waitingFiles(planned: PlannedConversation, options: WaitingOptions): readonly WaitingFile[] {
  const { conversation, files } = planned;
  const { journal } = options.world;
  return missingFiles(files, journal)
    .map((missing) => {
      const turn = turnOf({ conversation, file: missing.file, record: journal.files.get(missing.file.interaction) });
      return { missing, turn };
    })
    .sort((a, b) => compareTurns(a.turn, b.turn))
    .map(({ missing }) => waitingOf(planned, missing, options));
}

/** Undefined for a file that is not missing here. */
export function waitingFile(
  planned: PlannedConversation,
  interaction: CommitId,
  options: WaitingOptions,
): WaitingFile | undefined {
  const missing = missingFile(planned.files, options.world.journal, interaction);
  return missing && waitingOf(planned, missing, options);
}

function waitingOf(
  { conversation }: PlannedConversation,
  missing: MissingFile,
  { world, isSlotFree }: WaitingOptions,
): WaitingFile {
  const { file } = missing;
  const record = world.journal.files.get(file.interaction);
  const known = { conversation, file, record };
  const { hold, ...ruled } = holdOn(known, world);
  const decided = { ...missing, ...ruled, holders: holdersOf(known, world) };
  if (hold) return { ...decided, waitsFor: { step: hold } };
  return { ...decided, waitsFor: nextStep(known, world, isSlotFree(laneOf(file))) };
}
