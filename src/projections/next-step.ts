import type { DeviceId } from '../ids.ts';
import { REQUEST_ANSWER_MS, REQUEST_RETRY_MAX_MS, REQUEST_RETRY_MS } from '../limits.ts';
import type { Ask } from './asks.ts';
import type { FileRecord } from './file-record.ts';
import type { FileAnnouncement } from './files.ts';
import { comparePreference, draw, type Preference, preferenceOf, type Source } from './sources.ts';

/** What a wanted file that is missing here needs, or waits for. Times in milliseconds since the Unix epoch. */
export type NextStep =
  /** It is being received. */
  | { readonly step: 'receive'; readonly from: DeviceId }
  /** A request is under way and counts as failed at `until`. */
  | { readonly step: 'await-answer'; readonly from: DeviceId; readonly until: number }
  | { readonly step: 'ask'; readonly from: DeviceId }
  /** Everybody was asked in vain; the next turn comes at `until`, or when a device links. */
  | { readonly step: 'back-off'; readonly until: number }
  /** No device is known that could hold it. */
  | { readonly step: 'await-source' };

interface Situation {
  readonly record: FileRecord | undefined;
  readonly sources: readonly Source[];
  readonly now: number;
}

/**
 * One device is asked at a time. Linked devices go before those that would have to be dialled, those that once sent
 * wrong bytes go last, and among equals the one asked least often in vain, then the preferred one.
 */
export function nextStep(file: FileAnnouncement, { record, sources, now }: Situation): NextStep {
  const running = record?.subTransfers.findLast(isReceiving);
  if (running) return { step: 'receive', from: running.peer };
  const candidates = sources.map((source) => candidateOf(file, { source, record, now }));
  if (candidates.length === 0) return { step: 'await-source' };
  const blockedUntil = diskFullUntil(file, record);
  const ready = best(candidates.filter(({ readyAt }) => Math.max(readyAt, blockedUntil) <= now));
  const asked = best(candidates.filter(({ answerBy }) => answerBy !== undefined));
  // Dialling one device must not keep us from asking another one that is linked already.
  if (asked?.answerBy !== undefined && (asked.isLinked || !ready?.isLinked))
    return { step: 'await-answer', from: asked.device, until: asked.answerBy };
  if (ready) return { step: 'ask', from: ready.device };
  return { step: 'back-off', until: Math.max(blockedUntil, Math.min(...candidates.map(({ readyAt }) => readyAt))) };
}

function isReceiving({ phase, direction }: { readonly phase: string; readonly direction: string }): boolean {
  return phase === 'running' && direction === 'receiving';
}

interface Candidate extends Preference {
  readonly isLinked: boolean;
  readonly sentWrongBytes: boolean;
  readonly tries: number;
  /** While a request to it is under way: when that counts as failed. */
  readonly answerBy: number | undefined;
  /** From when on it may be asked. */
  readonly readyAt: number;
}

function candidateOf(
  file: FileAnnouncement,
  { source, record, now }: { readonly source: Source; readonly record: FileRecord | undefined; readonly now: number },
): Candidate {
  const { device, linkedSince } = source;
  const ask = record?.asks.get(device);
  const base = {
    ...preferenceOf(file, source),
    isLinked: linkedSince !== undefined,
    sentWrongBytes: record?.wrongSources.has(device) ?? false,
  };
  if (!ask || ask.outcome.kind === 'served') return { ...base, tries: 0, answerBy: undefined, readyAt: 0 };
  const endedAt = endOf(ask);
  if (ask.outcome.kind === 'waiting' && now < endedAt)
    return { ...base, tries: ask.tries, answerBy: endedAt, readyAt: endedAt };
  // A link that came up since is news: what was in vain before may work now. Wrong bytes stay wrong.
  if (linkedSince !== undefined && linkedSince > endedAt && !base.sentWrongBytes)
    return { ...base, tries: 0, answerBy: undefined, readyAt: 0 };
  return { ...base, tries: ask.tries, answerBy: undefined, readyAt: retryAt(file, device, ask) };
}

function best(candidates: readonly Candidate[]): Candidate | undefined {
  return candidates.reduce<Candidate | undefined>(
    (first, next) => (first && compareCandidates(first, next) <= 0 ? first : next),
    undefined,
  );
}

function compareCandidates(a: Candidate, b: Candidate): number {
  return (
    Number(a.sentWrongBytes) - Number(b.sentWrongBytes) ||
    Number(b.isLinked) - Number(a.isLinked) ||
    a.tries - b.tries ||
    comparePreference(a, b)
  );
}

/** A full disk is no device's fault: the file as a whole waits. */
function diskFullUntil(file: FileAnnouncement, record: FileRecord | undefined): number {
  const waits = [...(record?.asks ?? [])]
    .filter(([, { outcome }]) => outcome.kind === 'failed' && outcome.failure === 'disk-full')
    .map(([device, ask]) => retryAt(file, device, ask));
  return Math.max(0, ...waits);
}

/** When the ask was over; a request that nobody answered is over at its deadline. */
function endOf({ outcome, at }: Ask): number {
  return outcome.kind === 'waiting' ? at + REQUEST_ANSWER_MS : at;
}

/** Doubles from try to try. Half of it is drawn, so that many files do not come back at the same moment. */
function retryAt({ interaction }: FileAnnouncement, device: DeviceId, ask: Ask): number {
  const wait = Math.min(REQUEST_RETRY_MAX_MS, REQUEST_RETRY_MS * 2 ** (ask.tries - 1));
  return Math.ceil(endOf(ask) + wait * (0.5 + draw(interaction, device, ask.tries) / 2));
}
