import { messageOf } from '../errors.ts';
import type { AnnouncedFile } from '../fetcher/ports.ts';
import type { DeviceId } from '../ids.ts';
import type { Net } from '../net/net.ts';
import type { Clock, Log } from '../ports.ts';
import type { FileAnnouncement } from '../projections/files.ts';
import type { JournalState } from '../projections/journal-state.ts';
import { type PlanInput, plan, type WaitingFile, waitingFiles } from '../projections/plan.ts';
import type { Policy } from '../projections/policy/policy.ts';
import type { LiveConversation } from './live-conversation.ts';

export interface PlannerOptions {
  readonly self: DeviceId;
  readonly policy: Policy;
  readonly net: Pick<Net, 'links'>;
  readonly clock: Clock;
  readonly log: Log;
  readonly signal: AbortSignal;
  conversations(): Iterable<LiveConversation>;
  journal(): JournalState;
  /** Journals the request before it returns, then asks the device and receives what it proposes. */
  request(file: AnnouncedFile, from: DeviceId): Promise<void>;
  /** Told after each plan that was carried out. */
  onPlanned(): void;
}

/** Carries out the plan whenever something may have changed it, and when the time has come that the plan waits for. */
export interface Planner {
  /** Something changed: plan again soon. Cheap, and cheap to call often. */
  poke(): void;
  /** What each missing file of the conversation waits for now. */
  waiting(conversation: LiveConversation): readonly WaitingFile[];
}

export function createPlanner(options: PlannerOptions): Planner {
  const { clock, log, signal } = options;
  let isPoked = false;
  let alarm = new AbortController();

  function poke(): void {
    if (isPoked || signal.aborted) return;
    isPoked = true;
    queueMicrotask(() => {
      isPoked = false;
      carryOut();
    });
  }

  function carryOut(): void {
    if (signal.aborted) return;
    let wakeAt = Number.POSITIVE_INFINITY;
    for (const conversation of options.conversations()) {
      const planned = plan(planInput(conversation, options));
      wakeAt = Math.min(wakeAt, planned.wakeAt ?? wakeAt);
      for (const { file, to } of planned.requests) {
        options
          .request(announcedFile(conversation, file), to)
          .catch((error: unknown) =>
            log.warn('request failed', { file: file.fileId, from: to, reason: messageOf(error) }),
          );
      }
    }
    setAlarm(wakeAt);
    options.onPlanned();
  }

  function setAlarm(at: number): void {
    alarm.abort();
    if (!Number.isFinite(at)) return;
    alarm = new AbortController();
    clock.wait(Math.max(0, at - clock.now()), AbortSignal.any([alarm.signal, signal])).then(poke, () => {});
  }

  return { poke, waiting: (conversation) => waitingFiles(planInput(conversation, options)) };
}

function planInput(conversation: LiveConversation, { self, policy, net, clock, journal }: PlannerOptions): PlanInput {
  const { files, members } = conversation.states();
  const linked = net.links();
  return { conversation: conversation.id, files, members, journal: journal(), self, linked, policy, now: clock.now() };
}

/** A projection's announcement in the fetcher's words. */
export function announcedFile(conversation: Pick<LiveConversation, 'id'>, file: FileAnnouncement): AnnouncedFile {
  const { interaction, fileId, displayName, totalSize, digest, author, isDeleted, chunks } = file;
  return {
    ...{ conversation: conversation.id, interaction, fileId, displayName, totalSize, digest, author, isDeleted },
    ...(chunks && { chunks }),
  };
}
