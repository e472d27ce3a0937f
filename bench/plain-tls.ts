/**
 * The least a transfer could do: a process that sends a file over TLS 1.3, and one that writes it and hashes it in a worker.
 * It checks no chunks, flushes nothing, and knows of no other channel.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { open, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { Worker } from 'node:worker_threads';
import { testAccount } from '../test/support/identity/accounts.ts';
import { replaceBitByBit } from './page-memory.ts';
import { rateOf } from './rounds.ts';
import { MiB } from './seeded-file.ts';

const BLOCK_BYTES = MiB;

/** Sends the memory of each block back to be used again. */
const HASH = `
  const { parentPort } = require('node:worker_threads');
  const hash = require('node:crypto').createHash('sha3-512');
  parentPort.on('message', (block) => {
    if (!block) return parentPort.postMessage(hash.digest('hex'));
    hash.update(block);
    parentPort.postMessage(block.buffer, [block.buffer]);
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
  // Nothing of it is flushed: otherwise the next to flush something would wait for it.
  const to = join(folder, 'plain.bin');
  return {
    async run() {
      const hashing = new Worker(HASH, { eval: true });
      await once(hashing, 'online');
      await using _ = await replaceBitByBit({ old: to, away: `${to}.old`, next: to });
      const rate = await rateOf(size / MiB, () => receive(port, to, hashing));
      await hashing.terminate();
      return rate;
    },
    async [Symbol.asyncDispose]() {
      await rm(to, { force: true });
      source.disconnect();
      await once(source, 'exit');
    },
  };
}

async function receive(port: number, to: string, hashing: Worker): Promise<void> {
  await using file = await open(to, 'wx');
  const spare: ArrayBuffer[] = [];
  const digest = new Promise<string>((resolve) => {
    hashing.on('message', (said: ArrayBuffer | string) => {
      if (typeof said === 'string') resolve(said);
      else spare.push(said);
    });
  });
  const blocks = createBlocks(() => new Uint8Array(spare.pop() ?? new ArrayBuffer(BLOCK_BYTES)));
  let writing = Promise.resolve();
  const pass = (block: Uint8Array<ArrayBuffer>) => {
    writing = writing.then(async () => {
      await file.write(block);
      hashing.postMessage(block, [block.buffer]);
    });
  };
  const callback = (count: number, buffer: Uint8Array) => {
    blocks.add(buffer.subarray(0, count), pass);
    return true;
  };
  const onread = { buffer: Buffer.allocUnsafeSlow(RECORD_BYTES), callback };
  const options = { host: '127.0.0.1', port, rejectUnauthorized: false, onread };
  const socket = connect(options);
  await once(socket, 'end');
  blocks.end(pass);
  await writing;
  hashing.postMessage(undefined);
  await digest;
}

/** The most that TLS gives at once. */
const RECORD_BYTES = 16 * 1024;

/** Gathers bytes into blocks, and passes each on when it is full. */
function createBlocks(memory: () => Uint8Array<ArrayBuffer>) {
  let block = memory();
  let filled = 0;
  return {
    add(bytes: Uint8Array, pass: (block: Uint8Array<ArrayBuffer>) => void) {
      for (let rest = bytes; rest.length > 0; ) {
        const fitting = rest.subarray(0, BLOCK_BYTES - filled);
        block.set(fitting, filled);
        filled += fitting.length;
        rest = rest.subarray(fitting.length);
        if (filled < BLOCK_BYTES) return;
        pass(block);
        [block, filled] = [memory(), 0];
      }
    },
    end(pass: (block: Uint8Array<ArrayBuffer>) => void) {
      if (filled > 0) pass(block.subarray(0, filled));
    },
  };
}
