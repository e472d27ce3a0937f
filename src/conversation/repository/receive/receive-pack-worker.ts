/** A thread that takes packs in, however large, one after the other. */
import { parentPort } from 'node:worker_threads';
import { fileFailure } from '../../../errors.ts';
import type { ObjectId } from '../../../ids.ts';
import { PACK_AHEAD_BYTES } from '../../../limits.ts';
import { openStoredObjects } from '../objects/stored-objects-adapter.ts';
import type { GitObject } from '../repository.ts';
import { type Arrival, memoryOf } from './arrival.ts';
import { ArrivalGatherer } from './arrival-gatherer.ts';
import { receivePack } from './receive-pack-adapter.ts';
import type { ReceiveCommand, ReceiveReport, ReceiveWork } from './receive-pack-message.ts';

const report = (message: ReceiveReport, transfer: ArrayBuffer[] = []) => parentPort?.postMessage(message, transfer);

const commands: ReceiveCommand[] = [];
let wake = () => {};
parentPort?.on('message', (command: ReceiveCommand) => {
  commands.push(command);
  wake();
});

async function nextCommand(): Promise<ReceiveCommand> {
  for (;;) {
    const command = commands.shift();
    if (command) return command;
    await new Promise<void>((resolve) => {
      wake = resolve;
    });
  }
}

/** Told so often that who sends never waits for being told alone, and not for each packet. */
const TOLD_BYTES = PACK_AHEAD_BYTES / 8;

async function* chunks(): AsyncIterable<Uint8Array> {
  let untold = 0;
  for (let command = await nextCommand(); command.kind === 'chunk'; command = await nextCommand()) {
    yield command.bytes;
    untold += command.bytes.byteLength;
    if (untold < TOLD_BYTES) continue;
    report({ kind: 'taken', bytes: untold });
    untold = 0;
  }
}

/** Hands commits and certificates on as they come. */
class Gathering {
  readonly #gatherer = new ArrivalGatherer();

  take(id: ObjectId, object: GitObject): void {
    this.#gatherer.add(id, object);
    if (this.#gatherer.isFull()) this.handOn();
  }

  handOn(): void {
    const arrival: Arrival | undefined = this.#gatherer.give();
    if (arrival) report({ kind: 'arrived', arrival }, memoryOf(arrival));
  }
}

async function receive({ path, indexPath, objectsDirectory, isWatched }: ReceiveWork): Promise<ReceiveReport> {
  try {
    await using own = await openStoredObjects(objectsDirectory);
    const gathering = isWatched ? new Gathering() : undefined;
    // Who no longer wants the pack ends the thread.
    const { signal } = new AbortController();
    const onWhole = gathering && ((id: ObjectId, object: GitObject) => gathering.take(id, object));
    const pack = await receivePack(chunks(), { path, indexPath, own, signal, onWhole });
    gathering?.handOn();
    return { kind: 'received', pack };
  } catch (error) {
    const { code, data } = fileFailure(path, error);
    return { kind: 'failed', code, data };
  }
}

for (;;) {
  const command = await nextCommand();
  if (command.kind === 'begin') report(await receive(command.work));
}
