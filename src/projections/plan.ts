import type { FileRequest } from '../events/file-request.ts';
import type { ConversationId, DeviceId } from '../ids.ts';
import { TRANSFERS_AT_ONCE } from '../limits.ts';
import type { FileAnnouncement, FilesState } from './files.ts';
import type { JournalState } from './journal-state.ts';
import type { MembersState } from './members.ts';
import { type MissingFile, missingFiles } from './missing-files.ts';
import { type NextStep, nextStep } from './next-step.ts';
import { hasLinkRules, type Policy } from './policy/policy.ts';
import { roomAfter } from './policy/room.ts';
import { type PolicyRule, shortageOf } from './policy/rule.ts';
import { ruleOverLinks } from './policy/rule-over-links.ts';
import type { Room } from './policy/subject.ts';
import { type Linked, possibleSources, type Source } from './sources.ts';

export interface PlanInput {
  readonly conversation: ConversationId;
  readonly files: FilesState;
  readonly journal: JournalState;
  readonly members: MembersState;
  readonly self: DeviceId;
  readonly linked: readonly Linked[];
  readonly policy: Policy;
  /** Bytes that the disk has left; undefined while nobody has looked. */
  readonly free?: number | undefined;
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
    /** The policy, or the user's word, holds it back. */
    | { readonly step: 'await-user' }
    /** It is wanted, but the quota or the reserve of the disk holds it back. */
    | { readonly step: 'await-room' }
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
  const sources = possibleSources(input.members, input);
  const judged = missingFiles(input.files, input.journal).map((missing) => judge(input, missing, sources));
  return fillSlots(input, inServingOrder(judged));
}

function judge(input: PlanInput, missing: MissingFile, sources: readonly Source[]): WaitingFile {
  const { policy, now } = input;
  const kinds = new Set(input.linked.flatMap(({ kind }) => kind ?? []));
  const subject = subjectOf(input, missing.file);
  const { ruling, allows } = ruleOverLinks(policy, { ...subject, room: roomIn(input) }, kinds);
  if (!ruling.fetch) return { ...missing, rule: ruling.rule, waitsFor: { step: waitOf(ruling.rule) } };
  const allowed = hasLinkRules(policy) ? sources.filter(({ link }) => allows(link)) : sources;
  const waitsFor = nextStep(missing.file, { record: subject.record, sources: allowed, now });
  return { ...missing, rule: ruling.rule, waitsFor };
}

function waitOf(rule: PolicyRule): 'await-room' | 'await-user' {
  return rule === 'over-quota' || rule === 'disk-reserve' ? 'await-room' : 'await-user';
}

function subjectOf({ conversation, journal }: PlanInput, file: FileAnnouncement) {
  return { conversation, file, record: journal.files.get(file.interaction) };
}

function roomIn({ journal, free }: PlanInput): Room {
  return { held: journal.held, free };
}

function inServingOrder(oldestFirst: readonly WaitingFile[]): readonly WaitingFile[] {
  const newestFirst = oldestFirst.toReversed();
  const isAccepted = (file: WaitingFile) => file.rule === 'accepted';
  return [...newestFirst.filter(isAccepted), ...newestFirst.filter((file) => !isAccepted(file))];
}

/** Each file that is asked for takes its room before the next one is looked at. */
function fillSlots(input: PlanInput, files: readonly WaitingFile[]): readonly WaitingFile[] {
  const underWay = files.filter(({ waitsFor }) => waitsFor.step === 'receive' || waitsFor.step === 'await-answer');
  let free = (input.slots ?? TRANSFERS_AT_ONCE) - underWay.length;
  let room = roomIn(input);
  return files.map((file) => {
    if (file.waitsFor.step !== 'ask') return file;
    if (free <= 0) return { ...file, waitsFor: { step: 'await-slot' } };
    const subject = subjectOf(input, file.file);
    const shortage = shortageOf(input.policy, { ...subject, room }, file.rule);
    if (shortage) return { ...file, rule: shortage, waitsFor: { step: 'await-room' } };
    free -= 1;
    room = roomAfter(room, subject);
    return file;
  });
}

function requestOf({ conversation, self }: PlanInput, { interaction }: FileAnnouncement): FileRequest {
  return { conversation, interaction, deviceId: self };
}
