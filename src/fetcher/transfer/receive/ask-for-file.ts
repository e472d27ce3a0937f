import {
  type DeclineReason,
  FILE_REQUEST_TYPE,
  type FileAnswer,
  type FileRequest,
} from '../../../events/peer/file-request.ts';
import type { DeviceId } from '../../../ids.ts';
import { REQUEST_ANSWER_MS } from '../../../limits.ts';
import type { Channel, PeerIdentity } from '../../../ports.ts';
import type { FetcherOptions } from '../../fetcher-options.ts';
import { fileFields, fileKey } from '../../file-key.ts';
import type { Notebook } from '../../notebook.ts';
import type { AnnouncedFile } from '../../ports.ts';

export type Answer =
  /** The source's channel; whoever gets it owns it. */
  | { readonly kind: 'proposed'; readonly channel: Channel }
  | { readonly kind: 'declined'; readonly reason: DeclineReason | 'no-answer' | 'not-reachable' };

/** The requests that wait for an answer. */
export interface Questions {
  /** Asks the device for the file and waits for its answer, `REQUEST_ANSWER_MS` at most. Throws the signal's reason. */
  ask(file: AnnouncedFile, device: DeviceId, options: { signal: AbortSignal }): Promise<Answer>;
  /** False when nobody waits for this file from this device. True: the channel is taken over. */
  onProposed(file: Pick<AnnouncedFile, 'conversation' | 'fileId'>, channel: Channel): boolean;
  onDeclined(peer: PeerIdentity, answer: FileAnswer): void;
  /** The link is gone, over which the device was asked: no answer comes. What is still to be sent is not concerned. */
  onUnlinked(device: DeviceId): void;
}

interface Question {
  readonly file: AnnouncedFile;
  readonly device: DeviceId;
  isSent: boolean;
  /** The first answer counts. */
  answer(answer: Answer): void;
}

type QuestionsOptions = Pick<FetcherOptions, 'self' | 'clock' | 'sendMessage'>;

export function createQuestions(options: QuestionsOptions, notebook: Notebook): Questions {
  const open = new Set<Question>();
  const find = (matches: (question: Question) => boolean) => [...open].find(matches);

  async function send(question: Question): Promise<void> {
    const { file, device } = question;
    const { conversation, interaction } = file;
    const request: FileRequest = { conversation, interaction, deviceId: options.self.device };
    notebook.note({ kind: 'file-requested', ...fileFields(file), from: device, at: options.clock.now() });
    try {
      await options.sendMessage(device, FILE_REQUEST_TYPE, request);
      question.isSent = true;
    } catch {
      question.answer({ kind: 'declined', reason: 'not-reachable' });
    }
  }

  async function expire({ answer }: Question, signal: AbortSignal): Promise<void> {
    await options.clock.wait(REQUEST_ANSWER_MS, signal).catch(() => {});
    answer({ kind: 'declined', reason: 'no-answer' });
  }

  async function ask(file: AnnouncedFile, device: DeviceId, { signal }: { signal: AbortSignal }): Promise<Answer> {
    signal.throwIfAborted();
    const settled = new AbortController();
    const answered = new Promise<Answer>((resolve) => {
      const question: Question = {
        file,
        device,
        isSent: false,
        answer(answer) {
          open.delete(question);
          settled.abort();
          resolve(answer);
        },
      };
      open.add(question);
      void send(question);
      void expire(question, AbortSignal.any([signal, settled.signal]));
    });
    const answer = await answered;
    if (signal.aborted && answer.kind === 'proposed') answer.channel.close('not wanted any more');
    signal.throwIfAborted();
    if (answer.kind === 'declined') {
      const { reason } = answer;
      notebook.note({ kind: 'request-declined', ...fileFields(file), from: device, reason, at: options.clock.now() });
    }
    return answer;
  }

  return {
    ask,
    onProposed(file, channel) {
      const { device } = channel.peer;
      const question = find((asked) => asked.device === device && fileKey(asked.file) === fileKey(file));
      question?.answer({ kind: 'proposed', channel });
      return question !== undefined;
    },
    onDeclined(peer, { conversation, interaction, reason }) {
      const question = find(
        ({ file, device }) =>
          device === peer.device && file.conversation === conversation && file.interaction === interaction,
      );
      question?.answer({ kind: 'declined', reason });
    },
    onUnlinked(device) {
      for (const question of [...open])
        if (question.isSent && question.device === device)
          question.answer({ kind: 'declined', reason: 'not-reachable' });
    },
  };
}
