import type { Conversation } from '../../../src/conversation/conversation.ts';
import { channelPair } from '../net/channel-pair.ts';

/** What comes of using a channel over which the conversation is served, once both ends are done with it. */
export async function served<Result>(
  from: Conversation,
  signal: AbortSignal,
  use: (channel: ReturnType<typeof channelPair>['left']) => Promise<Result>,
): Promise<Result> {
  const pair = channelPair('git');
  const serving = from.serve(pair.right, { signal });
  try {
    return await use(pair.left);
  } finally {
    await pair.left.end({ signal });
    await serving;
  }
}
