/**
 * The receiver's side of a channel for small files, without any IO.
 *
 * Invariants: a file is placed only if it was asked for on this channel, once, and has the announced size; every file that
 * was asked for is settled exactly once; after the channel is over nothing is asked. No input sequence makes it throw.
 */
import { Map as PersistentMap } from 'immutable';
import type { SUB_TRANSFER_FAILURES } from '../../events/journal-record.ts';
import type { DeclineReason } from '../../events/peer/file-request.ts';
import type { CommitId } from '../../ids.ts';
import { BATCH_FILES, BATCH_IDLE_MS, REQUEST_ANSWER_MS } from '../../limits.ts';
import { never } from '../../never.ts';
import type { Milliseconds } from '../../ports.ts';
import type { AnnouncedFile, FileStamp } from '../ports.ts';
import { move, type Step, stay } from '../transfer/step.ts';
import { STOPPED_OUTCOMES, type StopReason } from '../transfer/stop-signals.ts';
import type { BatchConclusion, BatchMessage, BatchStatement } from './batch-message.ts';
import { type BatchPace, isStretchOver, isTooSlow, paceFrom, quickened } from './batch-pace.ts';

/** How one file ended. */
export type FileEnd =
  /** Nothing of it came. */
  | { readonly kind: 'declined'; readonly reason: DeclineReason | 'no-answer' | 'not-reachable' }
  | { readonly kind: 'complete'; readonly stamp: FileStamp }
  | { readonly kind: 'failed'; readonly failure: (typeof SUB_TRANSFER_FAILURES)[number] };

interface Asked {
  readonly file: AnnouncedFile;
  readonly stage: 'waiting' | 'placing';
}

export interface AskerState {
  readonly isOver: boolean;
  readonly asked: PersistentMap<CommitId, Asked>;
  /** Files that were taken back: so many may come although nobody asks for them any more. */
  readonly strays: number;
  /** When something last came of what was asked, or was first asked. */
  readonly heardAt: Milliseconds;
  readonly pace: BatchPace;
}

export type AskerInput =
  | { readonly kind: 'wanted'; readonly files: readonly AnnouncedFile[]; readonly at: Milliseconds }
  | { readonly kind: 'heard'; readonly message: BatchMessage; readonly at: Milliseconds }
  /** A batch was written, or turned out not worth it. */
  | {
      readonly kind: 'placed';
      readonly ends: readonly (readonly [CommitId, FileEnd])[];
      readonly at: Milliseconds;
    }
  /** The user, or the engine, does not want the file any more. */
  | {
      readonly kind: 'taken-back';
      readonly interaction: CommitId;
      readonly reason: StopReason;
    }
  | { readonly kind: 'tick'; readonly at: Milliseconds }
  /** The source ended or closed the channel, or the link broke. */
  | { readonly kind: 'closed' };

export type AskerEffect =
  | { readonly kind: 'say'; readonly statement: BatchStatement }
  /** Check the bytes, write them, and report what came of it. */
  | { readonly kind: 'place'; readonly files: readonly ArrivedFile[] }
  | { readonly kind: 'settled'; readonly file: AnnouncedFile; readonly end: FileEnd }
  | { readonly kind: 'close'; readonly reason: string };

export interface ArrivedFile {
  readonly file: AnnouncedFile;
  readonly bytes: Uint8Array;
}

type AskerStep = Step<AskerState, AskerEffect>;

export function startAsking(at: Milliseconds): AskerState {
  return { isOver: false, asked: PersistentMap(), strays: 0, heardAt: at, pace: paceFrom(at) };
}

export function askerStep(state: AskerState, input: AskerInput): AskerStep {
  switch (input.kind) {
    case 'wanted':
      return onWanted(state, input.files, input.at);
    case 'heard':
      return state.isOver ? stay(state) : hear(state, input);
    case 'placed':
      return onPlaced({ ...state, heardAt: input.at }, input.ends);
    case 'taken-back':
      return onTakenBack(state, input);
    case 'tick':
      return onTick(state, input.at);
    case 'closed':
      return state.isOver ? stay(state) : endAll(state, { kind: 'declined', reason: 'not-reachable' });
    default:
      return never(input);
  }
}

function onWanted(state: AskerState, files: readonly AnnouncedFile[], at: Milliseconds): AskerStep {
  // What was asked for already ends with that: it may still be placed when the channel is over.
  const fresh = files.filter(({ interaction }) => !state.asked.has(interaction));
  if (state.isOver) {
    const end: FileEnd = { kind: 'declined', reason: 'not-reachable' };
    return { state, effects: fresh.flatMap((file) => settle(file, end)) };
  }
  const asked = state.asked.withMutations((all) => {
    for (const file of fresh) all.set(file.interaction, { file, stage: 'waiting' });
  });
  const begins = state.asked.isEmpty() ? { heardAt: at, pace: paceFrom(at) } : {};
  return { state: { ...state, asked, ...begins }, effects: fresh.length > 0 ? asks(fresh) : [] };
}

/** One conversation at a time, and no more files to a statement than it may name. */
function asks(files: readonly AnnouncedFile[]): readonly AskerEffect[] {
  return [...new Set(files.map(({ conversation }) => conversation))].flatMap((conversation) => {
    const interactions = files.filter((file) => file.conversation === conversation).map((file) => file.interaction);
    return inStatements(interactions).map((part) => say({ say: 'ask', conversation, interactions: part }));
  });
}

function say(statement: BatchStatement): AskerEffect {
  return { kind: 'say', statement };
}

function inStatements<T>(files: readonly T[]): T[][] {
  const count = Math.ceil(files.length / BATCH_FILES);
  return Array.from({ length: count }, (_, place) => files.slice(place * BATCH_FILES, (place + 1) * BATCH_FILES));
}

/** Words that settle nothing are silence: they do not keep the others waiting, or the channel open. */
function hear(state: AskerState, { message, at }: AskerInput & { kind: 'heard' }): AskerStep {
  const step = onHeard(state, message);
  return step.state.asked === state.asked ? step : { ...step, state: { ...step.state, heardAt: at } };
}

function onHeard(state: AskerState, message: BatchMessage): AskerStep {
  switch (message.kind) {
    case 'files':
      return onFiles(state, message.files);
    case 'statement':
      return message.statement.say === 'declined' ? onDeclined(state, message.statement.files) : broken(state);
    case 'malformed':
      return broken(state);
    case 'unknown':
      return stay(state);
    default:
      return never(message);
  }
}

function onFiles(state: AskerState, sent: (BatchMessage & { kind: 'files' })['files']): AskerStep {
  let { asked, strays } = state;
  const arrived: ArrivedFile[] = [];
  const wrong: AnnouncedFile[] = [];
  for (const { interaction, bytes } of sent) {
    const known = asked.get(interaction);
    if (known?.stage !== 'waiting') {
      strays -= 1;
    } else if (bytes.length !== known.file.totalSize) {
      asked = asked.delete(interaction);
      wrong.push(known.file);
    } else {
      asked = asked.set(interaction, { ...known, stage: 'placing' });
      arrived.push({ file: known.file, bytes });
    }
  }
  if (strays < 0) return broken(state);
  const effects = wrong.flatMap((file) => settle(file, { kind: 'failed', failure: 'wrong-size' }));
  const brought = { files: arrived.length, bytes: arrived.reduce((sum, { bytes }) => sum + bytes.length, 0) };
  return {
    state: { ...state, asked, strays, pace: quickened(state.pace, brought) },
    effects: [...said(wrong.map(({ interaction }) => [interaction, 'wrong-size'])), ...effects, ...place(arrived)],
  };
}

function place(files: readonly ArrivedFile[]): readonly AskerEffect[] {
  return files.length > 0 ? [{ kind: 'place', files }] : [];
}

function onDeclined(state: AskerState, declined: (BatchStatement & { say: 'declined' })['files']): AskerStep {
  let { asked } = state;
  const effects: AskerEffect[] = [];
  for (const [interaction, reason] of declined) {
    const known = asked.get(interaction);
    if (known?.stage !== 'waiting') continue;
    asked = asked.delete(interaction);
    effects.push(...settle(known.file, { kind: 'declined', reason }));
  }
  const pace = quickened(state.pace, { files: state.asked.size - asked.size, bytes: 0 });
  return { state: { ...state, asked, pace }, effects };
}

/** What is placed is complete, whether or not the source can still be told. */
function onPlaced(state: AskerState, ends: (AskerInput & { kind: 'placed' })['ends']): AskerStep {
  let { asked } = state;
  const conclusions: (readonly [CommitId, BatchConclusion])[] = [];
  const effects: AskerEffect[] = [];
  for (const [interaction, end] of ends) {
    const known = asked.get(interaction);
    if (!known) continue;
    asked = asked.delete(interaction);
    conclusions.push([interaction, conclusionOf(end)]);
    effects.push(...settle(known.file, end));
  }
  const telling = state.isOver ? [] : said(conclusions);
  return { state: { ...state, asked }, effects: [...telling, ...effects] };
}

function conclusionOf(end: FileEnd): BatchConclusion {
  if (end.kind === 'complete') return 'verified';
  if (end.kind === 'declined') return 'interrupted';
  switch (end.failure) {
    case 'wrong-digest':
    case 'wrong-size':
    case 'disk-full':
    case 'cancelled':
      return end.failure;
    default:
      return 'interrupted';
  }
}

function onTakenBack(state: AskerState, { interaction, reason }: AskerInput & { kind: 'taken-back' }): AskerStep {
  const known = state.asked.get(interaction);
  // What is being placed cannot be taken back: a moment later it is complete.
  if (known?.stage !== 'waiting') return stay(state);
  const next = { ...state, asked: state.asked.delete(interaction), strays: state.strays + 1 };
  return {
    state: next,
    effects: [
      ...said([[interaction, reason]]),
      ...settle(known.file, { kind: 'failed', failure: STOPPED_OUTCOMES[reason] }),
    ],
  };
}

function onTick(state: AskerState, at: Milliseconds): AskerStep {
  if (state.isOver) return stay(state);
  const isIdle = state.asked.isEmpty();
  const isPlacing = state.asked.some(({ stage }) => stage === 'placing');
  // While our own disk is behind, the source's silence does not count, and ours is broken.
  if (isPlacing) return move({ ...state, heardAt: at, pace: paceFrom(at) }, say({ say: 'done', files: [] }));
  const quiet = at - state.heardAt;
  if (isIdle && quiet > BATCH_IDLE_MS) return over(state, 'nothing is asked any more');
  const isLate = quiet > REQUEST_ANSWER_MS || isTooSlow(state.pace, at);
  if (!isIdle && isLate) return endAll(state, { kind: 'declined', reason: 'no-answer' });
  return stay(isStretchOver(state.pace, at) ? { ...state, pace: paceFrom(at) } : state);
}

function broken(state: AskerState): AskerStep {
  return endAll(state, { kind: 'failed', failure: 'protocol-broken' }, 'the source does not keep to the protocol');
}

function endAll(state: AskerState, end: FileEnd, reason = 'the source says nothing'): AskerStep {
  const waiting = state.asked
    .filter(({ stage }) => stage === 'waiting')
    .valueSeq()
    .toArray();
  const asked = state.asked.filter(({ stage }) => stage === 'placing');
  const ended = over({ ...state, asked }, reason);
  return { state: ended.state, effects: [...ended.effects, ...waiting.flatMap(({ file }) => settle(file, end))] };
}

function over(state: AskerState, reason: string): AskerStep {
  return move<AskerState, AskerEffect>({ ...state, isOver: true }, { kind: 'close', reason });
}

function settle(file: AnnouncedFile, end: FileEnd): readonly AskerEffect[] {
  return [{ kind: 'settled', file, end }];
}

function said(files: readonly (readonly [CommitId, BatchConclusion])[]): readonly AskerEffect[] {
  return inStatements(files).map((part) => say({ say: 'done', files: part.map(([id, outcome]) => [id, outcome]) }));
}
