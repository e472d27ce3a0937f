import { channelPair } from '../support/net/channel-pair.ts';
import { describeChannel } from './channel.contract.ts';

describeChannel('the pair in memory', async (name) => channelPair(name));
