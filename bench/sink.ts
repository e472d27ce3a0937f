/** How fast bytes get to another process by plain means: what the paths of a link are measured against. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Writable } from 'node:stream';
import { connect } from 'node:tls';
import { TRANSFER_MESSAGE_BYTES } from '../src/limits.ts';
import type { Address } from '../src/net/address.ts';
import type { TlsCredentials } from '../src/net/secure/tls-adapter.ts';
import { type Offering, offerDataChannel } from './bare-data-channel.ts';
import { rateOf } from './rounds.ts';
import { MiB } from './seeded-file.ts';
import type { SinkOrder, SinkWord } from './sink-process.ts';

/** Each resolves to MiB per second, of so many bytes. */
export interface Sink extends AsyncDisposable {
  overTls(bytes: number, credentials: TlsCredentials): Promise<number>;
  /** `arrive` waits for the other process, which connects to `address` by TCP. */
  overTcp(bytes: number, address: Address, arrive: () => Promise<Writable>): Promise<number>;
  /** One channel for all that is sent, as a link has: it knows the way already. */
  overDataChannel(bytes: number): Promise<number>;
}

export function startSink(): Sink {
  const child = fork(join(import.meta.dirname, 'sink-process.ts'), { execArgv: ['--import', 'tsx'] });
  const order = (what: SinkOrder) => void child.send(what);
  let dataChannel: Offering | undefined;
  return {
    async overTls(bytes, { chainPem: cert, privateKeyPem: key }) {
      order({ kind: 'listen', bytes, cert, key });
      const { port } = await hear(child, 'port');
      const socket = connect({ host: '127.0.0.1', port, rejectUnauthorized: false });
      await once(socket, 'secureConnect');
      return await sendAll(socket, bytes, child);
    },
    async overTcp(bytes, { host, port }, arrive) {
      order({ kind: 'connect', bytes, host, port });
      return await sendAll(await arrive(), bytes, child);
    },
    async overDataChannel(bytes) {
      order({ kind: 'data-channel', bytes });
      dataChannel ??= await openDataChannel(child);
      const { send } = dataChannel;
      const arrived = hear(child, 'all-here');
      return await rateOf(bytes / MiB, () => Promise.all([send(bytes), arrived]));
    },
    async [Symbol.asyncDispose]() {
      dataChannel?.close();
      child.disconnect();
      await once(child, 'exit');
    },
  };
}

async function openDataChannel(child: ChildProcess): Promise<Offering> {
  const offering = offerDataChannel((signal) => void child.send({ kind: 'signal', signal } satisfies SinkOrder));
  child.on('message', (word: SinkWord) => word.kind === 'signal' && offering.receive(word.signal));
  await offering.open;
  return offering;
}

async function sendAll(stream: Writable, bytes: number, child: ChildProcess): Promise<number> {
  const message = Buffer.alloc(TRANSFER_MESSAGE_BYTES);
  const arrived = hear(child, 'all-here');
  stream.on('error', () => {});
  const rate = await rateOf(bytes / MiB, async () => {
    for (let left = bytes; left > 0; left -= message.length) {
      const piece = left < message.length ? message.subarray(0, left) : message;
      if (!stream.write(piece)) await once(stream, 'drain');
    }
    await arrived;
  });
  stream.destroy();
  return rate;
}

type Word<Kind> = Extract<SinkWord, { kind: Kind }>;

function hear<Kind extends SinkWord['kind']>(child: ChildProcess, kind: Kind): Promise<Word<Kind>> {
  return new Promise((resolve) => {
    const look = (word: SinkWord) => {
      if (!isOfKind(word, kind)) return;
      child.off('message', look);
      resolve(word);
    };
    child.on('message', look);
  });
}

function isOfKind<Kind extends SinkWord['kind']>(word: SinkWord, kind: Kind): word is Word<Kind> {
  return word.kind === kind;
}
