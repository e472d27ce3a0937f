import { createBell } from '../../bell.ts';
import { isSyncError } from '../../errors.ts';
import { SILENCE_MS, TRANSFER_TICK_MS } from '../../limits.ts';
import type { Channel } from '../../ports.ts';
import type { Notebook } from '../notebook.ts';
import { type BatchMessage, decodeBatchMessage, encodeBatchStatement, encodeFiles } from './batch-message.ts';
import { type Batch, type BatchContext, nextBatch } from './next-batch.ts';
import { createOutstanding } from './outstanding.ts';

export interface ServeBatchesContext extends BatchContext {
  readonly notebook: Notebook;
  readonly interrupted: AbortSignal;
}

/**
 * Serves small files over a channel that a receiver opened, until the receiver ends it, says nothing for `SILENCE_MS`, or
 * breaks the protocol. Owns the channel.
 *
 * Invariants: a file is judged right before it is read, and sent only with bytes that were found right; one batch is in
 * memory at a time; every file that was sent ends in the journal, confirmed or interrupted.
 */
export async function serveBatches(channel: Channel, context: ServeBatchesContext): Promise<void> {
  const { options, notebook, interrupted } = context;
  const { clock } = options;
  const over = new AbortController();
  const signal = AbortSignal.any([interrupted, over.signal]);
  const bell = createBell();
  const outstanding = createOutstanding({ receiver: channel.peer.device, notebook, clock });
  let heardAt = clock.now();

  function end(reason: string): void {
    over.abort();
    channel.close(reason);
  }

  function hear(message: BatchMessage): void {
    heardAt = clock.now();
    if (message.kind === 'unknown') return;
    const said = message.kind === 'statement' ? message.statement : undefined;
    if (said?.say === 'done') outstanding.done(said);
    else if (said?.say !== 'ask') end('a receiver asks and confirms, and says nothing else');
    else if (outstanding.ask(said)) bell.ring();
    else end('too many files are asked for at once');
  }

  async function listen(): Promise<void> {
    for await (const bytes of channel.messages({ signal })) hear(decodeBatchMessage(bytes));
  }

  async function serve(): Promise<void> {
    while (!signal.aborted) {
      await bell.until(() => outstanding.requests.size > 0, signal);
      const batch = await nextBatch(outstanding.requests, channel.peer, context);
      await pace(batch);
      outstanding.sent(batch.files.map(({ file }) => file));
      for (const message of encodeBatch(batch)) await channel.send(message);
    }
  }

  async function pace({ files }: Batch): Promise<void> {
    for (const { file, bytes } of files) {
      const name = channel.peer.device;
      await options.paceOf('serving', file.conversation).take(bytes.length, { name, signal });
    }
  }

  async function tick(): Promise<void> {
    while (!signal.aborted) {
      await clock.wait(TRANSFER_TICK_MS, signal);
      if (clock.now() - heardAt > SILENCE_MS) end('the receiver says nothing');
    }
  }

  /** Whichever ends first ends the others. */
  async function untilOver(work: Promise<void>): Promise<void> {
    try {
      await work;
    } catch (error) {
      // A channel that closes under our hands is an ordinary end.
      if (!signal.aborted && !isSyncError(error, 'CHANNEL_CLOSED')) options.onFailed(error);
    }
    end('the batch is over');
  }

  await Promise.all([listen(), serve(), tick()].map(untilOver));
  outstanding.interrupt();
  await notebook.written();
}

function* encodeBatch({ files, declined }: Batch): Generator<Uint8Array> {
  if (declined.length > 0) yield encodeBatchStatement({ say: 'declined', files: [...declined] });
  yield* encodeFiles(files.map(({ file, bytes }) => ({ interaction: file.interaction, bytes })));
}
