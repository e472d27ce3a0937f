import { TRANSFER_FAREWELL_MS } from '../limits.ts';
import type { Channel } from '../ports.ts';
import { type ChunkedFile, isInChunks } from './assembly/chunked-file.ts';
import { receiveShare } from './assembly/receive-share.ts';
import type { FetcherOptions } from './fetcher-options.ts';
import { fileKey } from './file-key.ts';
import type { AnnouncedFile } from './ports.ts';
import { finishPartial, receiveOver } from './receiving.ts';
import type { RequestContext } from './request-file.ts';
import { anyStop, type StopSignals } from './stop-signals.ts';
import { interactionOfFile, parseTransferChannelName } from './transfer-channel.ts';
import { encodeStatement, type Refusal } from './transfer-frame.ts';

/**
 * Takes a channel that a source opened: hands it to the request that waits for it, or, when nobody asked, receives the file
 * if policy wants it. Anything else is refused. Owns the channel.
 */
export async function takeProposal(context: RequestContext, channel: Channel, interrupted: AbortSignal): Promise<void> {
  const { options, questions, slots, stops } = context;
  const name = parseTransferChannelName(channel.name);
  if (name?.receiver !== options.self.device) return await refuse(channel, 'not-wanted', options);
  if (questions.onProposed(name, channel)) return;
  const file = options.log.announcedFile(name.conversation, interactionOfFile(name.fileId));
  if (!isWanted(file, channel, options) || file.fileId !== name.fileId) {
    return await refuse(channel, 'not-wanted', options);
  }
  const slot = slots.of(file).tryAcquire(channel.peer.device);
  try {
    if (!slot) return await refuse(channel, 'busy', options);
    const stop = { ...stops.signalsOf(file), interrupted };
    if (isInChunks(file)) await receiveShareUnlessHere(context, channel, { file, stop });
    else await receiveUnlessBusy(context, channel, { file, stop });
  } finally {
    slot?.();
  }
}

type Looked = ReturnType<FetcherOptions['log']['announcedFile']>;

function isWanted(file: Looked, { peer }: Channel, { log, wants }: FetcherOptions): file is AnnouncedFile {
  if (file === 'unknown' || file === 'not-a-file' || file.isDeleted) return false;
  return log.isActiveMember(file.conversation, peer.account, peer.device) && wants(file, peer);
}

async function receiveShareUnlessHere(
  context: RequestContext,
  channel: Channel,
  { file, stop }: { file: ChunkedFile; stop: StopSignals },
): Promise<void> {
  const seat = await context.assemblies.enter(file, stop);
  if (seat === 'complete') return await refuse(channel, 'not-wanted', context.options);
  await using held = seat;
  await receiveShare(channel, { assembly: held.assembly, context, stop });
}

async function receiveUnlessBusy(
  context: RequestContext,
  channel: Channel,
  { file, stop }: { file: AnnouncedFile; stop: StopSignals },
): Promise<void> {
  const turn = context.turns.tryAcquire(fileKey(file));
  if (!turn) return await refuse(channel, 'busy', context.options);
  try {
    const signal = anyStop(stop);
    const isHere = (await context.ownBytes.areRight(file, { signal })) || (await finishPartial(file, context, signal));
    if (isHere) await refuse(channel, 'not-wanted', context.options);
    else await receiveOver(channel, file, { context, stop });
  } finally {
    turn();
  }
}

/** Lets the source read the refusal, for a moment. */
async function refuse(channel: Channel, reason: Refusal, { clock, signal }: FetcherOptions): Promise<void> {
  const said = new AbortController();
  const closing = clock
    .wait(TRANSFER_FAREWELL_MS, AbortSignal.any([signal, said.signal]))
    .catch(() => {})
    .then(() => channel.close(reason));
  await channel.send(encodeStatement({ say: 'refuse', reason })).catch(() => {});
  await channel.end({ signal }).catch(() => {});
  said.abort();
  await closing;
}
