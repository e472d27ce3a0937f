import type { KeyObject } from 'node:crypto';
import type { DeviceId } from '../../ids.ts';
import type { KeyOf } from './screen-commit.ts';
import type { ScreenCommand, ScreenReport } from './screen-message.ts';

type Question = Omit<Extract<ScreenReport, { kind: 'whose' }>, 'kind'>;
type Answer = Omit<Extract<ScreenCommand, { kind: 'key' }>, 'kind'>;

export interface KeyQuestions {
  readonly keyOf: KeyOf;
  answer(answer: Answer): void;
}

/** Keys that another thread knows, each asked for once: a device's id stands for one key, whatever tree it is found in. */
export function createKeyQuestions(ask: (question: Question) => void): KeyQuestions {
  const known = new Map<DeviceId, KeyObject>();
  const open = new Map<number, (key: KeyObject | undefined) => void>();
  let asked = 0;

  async function find({ device, tree }: Parameters<KeyOf>[0]): Promise<KeyObject | undefined> {
    const question = asked++;
    const answered = new Promise<KeyObject | undefined>((resolve) => open.set(question, resolve));
    ask({ question, device, tree });
    const found = await answered;
    if (found) known.set(device, found);
    return found;
  }

  return {
    keyOf: (signer) => known.get(signer.device) ?? find(signer),
    answer({ question, key }) {
      open.get(question)?.(key);
      open.delete(question);
    },
  };
}
