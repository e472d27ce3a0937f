/** The three files of the demo, made on the spot. */
import { createCipheriv, randomBytes } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { crc32, deflateSync } from 'node:zlib';

const MiB = 1024 * 1024;
export const BIG_FILE_NAME = 'recording.bin';
export const BIG_FILE_BYTES = 64 * MiB;

export interface DemoFile {
  readonly name: string;
  readonly path: string;
}

export async function makeDemoFiles(folder: string): Promise<{ text: DemoFile; picture: DemoFile; big: DemoFile }> {
  const file = (name: string) => ({ name, path: join(folder, name) });
  const files = { text: file('minutes.txt'), picture: file('sunset.png'), big: file(BIG_FILE_NAME) };
  await writeFile(files.text.path, 'Minutes of the meeting: everybody agreed that nothing may get lost.\n');
  await writeFile(files.picture.path, sunset(480, 320));
  await pipeline(Readable.from(noise(BIG_FILE_BYTES)), createWriteStream(files.big.path));
  return files;
}

/** Bytes nobody can compress, made by a cipher because that is fast. */
function* noise(bytes: number): Generator<Buffer> {
  const cipher = createCipheriv('aes-128-ctr', randomBytes(16), randomBytes(16));
  const zeros = Buffer.alloc(MiB);
  for (let made = 0; made < bytes; made += zeros.length) yield cipher.update(zeros);
}

/** A PNG of a sun over the sea: RGB, no filter (RFC 2083). */
function sunset(width: number, height: number): Buffer {
  const rows = Array.from({ length: height }, (_, y) => {
    const pixels = Array.from({ length: width }, (__, x) => colourAt(x / width - 0.5, y / height));
    return Buffer.from([0, ...pixels.flat()]);
  });
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 2, 0, 0, 0], 8);
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  return Buffer.concat([
    signature,
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(Buffer.concat(rows))),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

const HORIZON = 0.65;

function colourAt(x: number, y: number): [number, number, number] {
  if (y > HORIZON) {
    const glitter = Math.abs(x) < 0.12 * Math.abs(Math.sin(y * 180)) ? 110 : 0;
    return [30 + glitter, 50 + glitter, 110];
  }
  if (x * x * 2.25 + (y - 0.5) ** 2 < 0.012) return [255, 236, 160];
  return [255 - 90 * (1 - y), 90 + 110 * y, 90 + 60 * (1 - y)].map(Math.round) as [number, number, number];
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const frame = Buffer.alloc(8);
  frame.writeUInt32BE(data.length, 0);
  frame.writeUInt32BE(crc32(body), 4);
  return Buffer.concat([frame.subarray(0, 4), body, frame.subarray(4)]);
}
