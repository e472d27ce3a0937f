/**
 * The receiver's side of one source of a file in chunks, without any IO: what the source says, and when it is over. What
 * is asked of it, and what becomes of its bytes, is for the schedule to say.
 *
 * Invariants: nothing is taken before a right proposal; after `ended` there are no effects. No input sequence makes it throw.
 */
import { never } from '../../never.ts';
import type { Milliseconds } from '../../ports.ts';
import type { AnnouncedFile } from '../ports.ts';
import { lookAtSource, type SourceWatch } from '../transfer/receive/look-at-source.ts';
import { isAsAnnounced, LAST_WORDS } from '../transfer/receive/receive-machine.ts';
import { move, type Step, stay } from '../transfer/step.ts';
import { STOPPED_OUTCOMES } from '../transfer/stop-signals.ts';
import { type Refusal, type Statement, TRANSFER_VERSION } from '../transfer/transfer-frame.ts';
import { outcomeOfCancel, type SubTransferOutcome, type Tick, type TransferInput } from '../transfer/transfer-input.ts';

export type ShareState =
  | (Underway & { readonly phase: 'awaiting-proposal' })
  | (Underway & { readonly phase: 'sharing' })
  | { readonly phase: 'ended'; readonly outcome: SubTransferOutcome };

interface Underway extends SourceWatch {
  readonly file: AnnouncedFile;
}

export type ShareInput =
  | TransferInput
  /** The schedule wants this said. */
  | { readonly kind: 'ordered'; readonly statement: Statement & { readonly say: 'go' | 'skip' } }
  /** The schedule is done with the source, or the file with everybody. */
  | { readonly kind: 'concluded'; readonly outcome: SubTransferOutcome };

export type ShareEffect =
  | { readonly kind: 'say'; readonly statement: Statement }
  /** The source has proposed the file: it is told that it is welcome, and takes part from now on. */
  | { readonly kind: 'joined' }
  /** The source is told how far the file is, so that it knows that we are there. */
  | { readonly kind: 'say-progress' }
  | { readonly kind: 'take'; readonly start: number; readonly bytes: Uint8Array }
  | { readonly kind: 'take-hashes'; readonly hashes: Uint8Array }
  /** 'without-chunks': the source has the file, but not in the announced chunks. */
  | { readonly kind: 'ended'; readonly outcome: SubTransferOutcome; readonly hint?: 'without-chunks' };

type ShareStep = Step<ShareState, ShareEffect>;
type Talking = Exclude<ShareState, { phase: 'ended' }>;

export function startSharing(file: AnnouncedFile, at: Milliseconds): ShareState {
  return { phase: 'awaiting-proposal', file, received: 0, heardAt: at, saidAt: at, pace: { since: at, bytes: 0 } };
}

export function shareStep(state: ShareState, input: ShareInput): ShareStep {
  if (state.phase === 'ended') return stay(state);
  switch (input.kind) {
    case 'said':
      return onStatement({ ...state, heardAt: input.at }, input.statement);
    case 'piece':
    case 'hashes':
      return state.phase === 'sharing' ? onBytes(state, input) : end(state, 'protocol-broken');
    case 'bytes':
    case 'malformed':
      return end(state, 'protocol-broken');
    case 'closed':
      return end(state, 'interrupted');
    case 'stopped':
      return end(state, STOPPED_OUTCOMES[input.reason]);
    case 'tick':
      return onTick(state, input);
    case 'ordered':
      return move<ShareState, ShareEffect>(state, { kind: 'say', statement: input.statement });
    case 'concluded':
      return end(state, input.outcome);
    default:
      return never(input);
  }
}

function onStatement(state: Talking, statement: Statement): ShareStep {
  if (statement.say === 'cancel') return end(state, outcomeOfCancel(statement.reason));
  if (statement.say !== 'propose' || state.phase !== 'awaiting-proposal') return end(state, 'protocol-broken');
  if (statement.v !== TRANSFER_VERSION) return refuse('unknown-version', 'refused');
  if (!isAsAnnounced(statement, state.file)) return refuse('wrong-proposal', 'protocol-broken');
  if (statement.chunks === false) return refuse('not-wanted', 'refused', 'without-chunks');
  return move<ShareState, ShareEffect>({ ...state, phase: 'sharing' }, { kind: 'joined' });
}

function onBytes(state: Talking, input: TransferInput & { kind: 'piece' | 'hashes' }): ShareStep {
  if (input.kind === 'hashes') {
    return move<ShareState, ShareEffect>(
      { ...state, heardAt: input.at },
      { kind: 'take-hashes', hashes: input.hashes },
    );
  }
  const { start, bytes, at } = input;
  const received = state.received + bytes.length;
  return move<ShareState, ShareEffect>({ ...state, received, heardAt: at }, { kind: 'take', start, bytes });
}

function onTick(state: Talking, tick: Tick): ShareStep {
  const look = lookAtSource(state, tick);
  if (look.kind === 'failed') return end(state, look.outcome);
  const watched = { ...state, ...look.watch };
  if (state.phase === 'awaiting-proposal' || !look.isWordDue) return stay(watched);
  return move<ShareState, ShareEffect>({ ...watched, saidAt: tick.at }, { kind: 'say-progress' });
}

function refuse(reason: Refusal, outcome: SubTransferOutcome, hint?: 'without-chunks'): ShareStep {
  return move<ShareState, ShareEffect>(
    { phase: 'ended', outcome },
    { kind: 'say', statement: { say: 'refuse', reason } },
    { kind: 'ended', outcome, ...(hint && { hint }) },
  );
}

function end(state: Talking, outcome: SubTransferOutcome): ShareStep {
  // Before it was welcomed, it has not been told that the file comes from elsewhere.
  const last: Statement =
    state.phase === 'awaiting-proposal' && outcome === 'complete'
      ? { say: 'refuse', reason: 'not-wanted' }
      : LAST_WORDS[outcome];
  return move<ShareState, ShareEffect>(
    { phase: 'ended', outcome },
    { kind: 'say', statement: last },
    { kind: 'ended', outcome },
  );
}
