import { TRANSFER_FAREWELL_MS } from '../../../limits.ts';
import type { Channel } from '../../../ports.ts';
import type { FetcherOptions } from '../../fetcher-options.ts';
import { parseTransferChannelName } from '../transfer-channel.ts';
import { encodeStatement } from '../transfer-frame.ts';
import type { Questions } from './ask-for-file.ts';

export interface ProposalContext {
  readonly options: Pick<FetcherOptions, 'self' | 'clock' | 'signal'>;
  readonly questions: Pick<Questions, 'onProposed'>;
}

/** Hands a channel that a source opened to the request that waits for it. What nobody asked for is refused. Owns the channel. */
export async function takeProposal({ options, questions }: ProposalContext, channel: Channel): Promise<void> {
  const name = parseTransferChannelName(channel.name);
  const isForUs = name?.receiver === options.self.device;
  if (!isForUs || !questions.onProposed(name, channel)) await refuse(channel, options);
}

/** Lets the source read the refusal, for a moment. */
async function refuse(channel: Channel, { clock, signal }: ProposalContext['options']): Promise<void> {
  const said = new AbortController();
  const closing = clock
    .wait(TRANSFER_FAREWELL_MS, AbortSignal.any([signal, said.signal]))
    .catch(() => {})
    .then(() => channel.close('not-wanted'));
  await channel.send(encodeStatement({ say: 'refuse', reason: 'not-wanted' })).catch(() => {});
  await channel.end({ signal }).catch(() => {});
  said.abort();
  await closing;
}
