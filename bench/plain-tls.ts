/** The least a transfer could do: a process that sends a file over TLS 1.3, and one that writes it and hashes it in a worker. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { open, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { Worker } from 'node:worker_threads';
import { testAccount } from '../test/support/accounts.ts';
import { rateOf } from './rounds.ts';
import { MiB } from './seeded-file.ts';

const HASH = `
  const { parentPort } = require('node:worker_threads');
  const hash = require('node:crypto').createHash('sha3-512');
  parentPort.on('message', (bytes) => {
    if (bytes) hash.update(bytes);
    else parentPort.postMessage(hash.digest('hex'));
  });
`;

export interface PlainTls extends AsyncDisposable {
  /** MiB per second, from the connection to the digest of the file. */
  run(): Promise<number>;
}

/** Sends the file at `path`, which has `size` bytes; what arrives is written to `folder`. */
export async function startPlainTls(folder: string, path: string, size: number): Promise<PlainTls> {
  const { chainPem, privateKeyPem } = await testAccount('bench');
  const [certificate, key] = [join(folder, 'plain.crt'), join(folder, 'plain.key')];
  await writeFile(certificate, chainPem);
  await writeFile(key, privateKeyPem);
  const source: ChildProcess = fork(join(import.meta.dirname, 'plain-source.ts'), [path, certificate, key], {
    execArgv: ['--import', 'tsx'],
  });
  const [port] = (await once(source, 'message')) as [number];
  return {
    async run() {
      const hashing = new Worker(HASH, { eval: true });
      await once(hashing, 'online');
      const rate = await rateOf(size / MiB, () => receive(port, join(folder, 'plain.bin'), hashing));
      await hashing.terminate();
      return rate;
    },
    async [Symbol.asyncDispose]() {
      source.disconnect();
      await once(source, 'exit');
    },
  };
}

async function receive(port: number, to: string, hashing: Worker): Promise<void> {
  const socket = connect({ host: '127.0.0.1', port, rejectUnauthorized: false });
  await using file = await open(to, 'w');
  for await (const bytes of socket as AsyncIterable<Buffer>) {
    const copy = new Uint8Array(bytes);
    await file.write(bytes);
    hashing.postMessage(copy, [copy.buffer]);
  }
  hashing.postMessage(undefined);
  await once(hashing, 'message');
}
