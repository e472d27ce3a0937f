/** Bytes through a channel to another process, over each kind of path, against the same bytes by the plain means beneath it. */
import { EventEmitter, once } from 'node:events';
import type { Duplex } from 'node:stream';
import { TRANSFER_MESSAGE_BYTES } from '../src/limits.ts';
import type { PathKind } from '../src/net/net.ts';
import { openTcpRelay } from '../src/net/turn/tcp-relay.ts';
import { connectToTurn } from '../src/net/turn/turn-connection-adapter.ts';
import type { TurnServer } from '../src/net/turn/turn-server.ts';
import { testAccount } from '../test/support/identity/accounts.ts';
import { createTestNets } from '../test/support/net/nets.ts';
import { startTurnServer } from '../test/support/net/turn-server.ts';
import { quietLog } from '../test/support/quiet-log.ts';
import { realClock, realRandom } from '../test/support/time/real-clock.ts';
import { channelRate, startFarNet } from './far-net.ts';
import type { Benchmark, BenchmarkOptions, Figure } from './figure.ts';
import { compare } from './rounds.ts';
import { type Sink, startSink } from './sink.ts';

interface Course {
  readonly path: PathKind;
  readonly messages: number;
  /** 7, and 4 before them that do not count, unless given. */
  readonly rounds?: number;
  readonly warming?: number;
  readonly relays?: readonly TurnServer[];
  readonly baseline: string;
  run(sink: Sink, bytes: number): Promise<number>;
}

export const benchTcpPath: Benchmark = async (options) => {
  const keys = await testAccount('bench');
  const run = (sink: Sink, bytes: number) => sink.overTls(bytes, keys);
  return await measure({ path: 'tcp', messages: 1024, baseline: 'bare TLS 1.3', run }, options);
};

export const benchUdpPath: Benchmark = (options) => {
  const run = (sink: Sink, bytes: number) => sink.overDataChannel(bytes);
  // Either side's rate swings by a fifth, for as long as half a second: many short rounds, so that their median does not.
  const course = { path: 'udp', messages: 128, rounds: 50, warming: 12 } as const;
  return measure({ ...course, baseline: 'a bare data channel', run }, options);
};

export const benchRelayPath: Benchmark = async (options) => {
  await using turn = await startTurnServer();
  const server = turn.server('tcp');
  const run = (sink: Sink, bytes: number) => throughRelay(sink, bytes, server);
  return await measure(
    { path: 'tcp-relay', messages: 512, relays: [server], baseline: 'bare TCP through it', run },
    options,
  );
};

async function measure(course: Course, { quick, signal }: BenchmarkOptions): Promise<readonly Figure[]> {
  const { path, relays = [], baseline, rounds = 7, warming = 4 } = course;
  const messages = quick ? 8 : course.messages;
  await using nets = await createTestNets();
  await using far = await startFarNet(nets, { path });
  await using sink = startSink();
  const near = await nets.add({ keys: await testAccount('bench'), paths: [path], relays });
  const measured = await compare({
    rounds: quick ? 1 : rounds,
    warming: quick ? 0 : warming,
    ours: () => channelRate(near.net, far, { messages, signal }),
    baseline: { what: baseline, run: () => course.run(sink, messages * TRANSFER_MESSAGE_BYTES) },
  });
  const facts = { messages, messageBytes: TRANSFER_MESSAGE_BYTES, processes: 2 };
  return [{ name: `path, ${path}`, unit: 'MiB/s', ...measured, facts }];
}

/** A place on the relay for us, and the other process connects to it. */
async function throughRelay(sink: Sink, bytes: number, server: TurnServer): Promise<number> {
  const arrivals = new EventEmitter();
  const relay = await openTcpRelay({
    ...{ server, clock: realClock, random: realRandom, log: quietLog, opening: AbortSignal.timeout(60_000) },
    connect: (to, signal) => connectToTurn(to, { signal }),
    onConnection: (stream) => void arrivals.emit('stream', stream),
    onLost: (reason) => void arrivals.emit('error', new Error(reason)),
  });
  const arrived = once(arrivals, 'stream');
  await relay.permit('127.0.0.1');
  const rate = await sink.overTcp(bytes, relay.relayed, async () => ((await arrived) as [Duplex])[0]);
  relay.close();
  return rate;
}
