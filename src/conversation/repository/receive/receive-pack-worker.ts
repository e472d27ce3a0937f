/** The thread that takes in one pack, however large, and then ends. */
import { parentPort, workerData } from 'node:worker_threads';
import { isSyncError, messageOf, SyncError } from '../../../errors.ts';
import type { ObjectId } from '../../../ids.ts';
import { openStoredObjects } from '../objects/stored-objects-adapter.ts';
import type { GitObject } from '../repository.ts';
import { type Arrival, memoryOf } from './arrival.ts';
import { ArrivalGatherer } from './arrival-gatherer.ts';
import { receivePack } from './receive-pack-adapter.ts';
import type { ReceiveCommand, ReceiveReport, ReceiveWork } from './receive-pack-message.ts';

const { path, objectsDirectory, isWatched } = workerData as ReceiveWork;
const report = (message: ReceiveReport, transfer: ArrayBuffer[] = []) => parentPort?.postMessage(message, transfer);
const gatherer = new ArrivalGatherer();

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

async function* chunks(): AsyncIterable<Uint8Array> {
  for (let command = await nextCommand(); command.kind === 'chunk'; command = await nextCommand()) {
    yield command.bytes;
    report({ kind: 'taken', bytes: command.bytes.byteLength });
  }
}

function gather(id: ObjectId, object: GitObject): void {
  gatherer.add(id, object);
  if (gatherer.isFull()) handOn(gatherer.give());
}

function handOn(arrival: Arrival | undefined): void {
  if (arrival) report({ kind: 'arrived', arrival }, memoryOf(arrival));
}

async function run(): Promise<ReceiveReport> {
  try {
    await using own = await openStoredObjects(objectsDirectory);
    // Who no longer wants the pack ends the thread.
    const { signal } = new AbortController();
    const onWhole = isWatched ? gather : undefined;
    const pack = await receivePack(chunks(), { path, own, signal, onWhole });
    handOn(gatherer.give());
    return { kind: 'received', pack };
  } catch (error) {
    const failure = isSyncError(error) ? error : new SyncError('FILE_FAILED', { path, detail: messageOf(error) });
    return { kind: 'failed', code: failure.code, data: failure.data };
  }
}

report(await run());
parentPort?.close();
