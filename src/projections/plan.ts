import type { FileRequest } from '../events/file-request.ts';
import type { ConversationId, DeviceId } from '../ids.ts';
import { TRANSFERS_AT_ONCE } from '../limits.ts';
import type { FileAnnouncement, FilesState } from './files.ts';
import type { JournalState } from './journal-state.ts';
import type { MembersState } from './members.ts';
import { type MissingFile, missingFiles } from './missing-files.ts';
import { type NextStep, nextStep } from './next-step.ts';
import { type Policy, type PolicyRule, rule } from './policy.ts';
import { type Linked, possibleSources } from './sources.ts';

export interface PlanInput {
  readonly conversation: ConversationId;
  readonly files: FilesState;
  readonly journal: JournalState;
  readonly members: MembersState;
  readonly self: DeviceId;
  readonly linked: readonly Linked[];
  readonly policy: Policy;
  /** Milliseconds since the Unix epoch. */
  readonly now: number;
  /** Files that may be under way at once; `TRANSFERS_AT_ONCE` unless given. */
  readonly slots?: number;
}

export interface PlannedRequest {
  readonly to: DeviceId;
  readonly request: FileRequest;
  readonly file: FileAnnouncement;
}

export interface Plan {
  readonly requests: readonly PlannedRequest[];
  /** When to plan again, in milliseconds since the Unix epoch, if nothing happens before. Absent when no file waits for a time. */
  readonly wakeAt?: number;
}

/** What a missing file waits for, and which rule of the policy decided that. */
export interface WaitingFile extends MissingFile {
  readonly rule: PolicyRule;
  readonly waitsFor:
    | NextStep
    /** The policy, or the user's cancel, holds it back. */
    | { readonly step: 'await-user' }
    /** As many files as may be are under way. */
    | { readonly step: 'await-slot' };
}

/**
 * Whom to ask for what, now. The same arguments give the same plan, on any machine.
 * Requests are to be journalled before they are sent; planning again right after then repeats none of them.
 */
export function plan(input: PlanInput): Plan {
  const waiting = waitingFiles(input);
  const requests = waiting.flatMap(({ file, waitsFor }) =>
    waitsFor.step === 'ask' ? [{ to: waitsFor.from, request: requestOf(input, file), file }] : [],
  );
  const times = waiting.flatMap(({ waitsFor }) => ('until' in waitsFor ? [waitsFor.until] : []));
  const wakeAt = times.reduce((earliest, time) => Math.min(earliest, time), Number.POSITIVE_INFINITY);
  return { requests, ...(Number.isFinite(wakeAt) && { wakeAt }) };
}

/** Every missing file with what it waits for, in the order they are served: what the user asked for first, then the newest. */
export function waitingFiles(input: PlanInput): readonly WaitingFile[] {
  const { journal, members, policy, now } = input;
  const sources = possibleSources(members, input);
  const judged = missingFiles(input.files, journal).map((missing) => {
    const record = journal.files.get(missing.file.interaction);
    const ruling = rule(policy, missing.file, record);
    const waitsFor = ruling.fetch ? nextStep(missing.file, { record, sources, now }) : { step: 'await-user' as const };
    return { ...missing, rule: ruling.rule, waitsFor };
  });
  return fillSlots(inServingOrder(judged), input.slots ?? TRANSFERS_AT_ONCE);
}

function inServingOrder(oldestFirst: readonly WaitingFile[]): readonly WaitingFile[] {
  const newestFirst = oldestFirst.toReversed();
  const isAccepted = (file: WaitingFile) => file.rule === 'accepted';
  return [...newestFirst.filter(isAccepted), ...newestFirst.filter((file) => !isAccepted(file))];
}

function fillSlots(files: readonly WaitingFile[], slots: number): readonly WaitingFile[] {
  const underWay = files.filter(({ waitsFor }) => waitsFor.step === 'receive' || waitsFor.step === 'await-answer');
  let free = slots - underWay.length;
  return files.map((file) => {
    if (file.waitsFor.step !== 'ask') return file;
    free -= 1;
    return free >= 0 ? file : { ...file, waitsFor: { step: 'await-slot' } };
  });
}

function requestOf({ conversation, self }: PlanInput, { interaction }: FileAnnouncement): FileRequest {
  return { conversation, interaction, deviceId: self };
}
