import type { Draw } from './draw.ts';

type Mutation = (bytes: Uint8Array, draw: Draw) => Uint8Array;

const INTERESTING = [0x00, 0x01, 0x0a, 0x20, 0x2d, 0x2f, 0x30, 0x39, 0x3c, 0x3e, 0x7f, 0x80, 0xf0, 0xff];
const NUMBERS = ['0', '-1', '00', '1e9', '4294967296', '9007199254740993', '99999999999999999999', 'ffff', '0004'];

const MUTATIONS: readonly Mutation[] = [flipBit, setByte, insertBytes, removeBytes, repeatBytes, cutOff, replaceNumber];

/** One to four changes of the kinds that break parsers. */
export function mutateBytes(bytes: Uint8Array, draw: Draw): Uint8Array {
  let mutated = bytes;
  for (let changes = 1 + draw.below(4); changes > 0; changes--) mutated = draw.pick(MUTATIONS)(mutated, draw);
  return mutated;
}

function flipBit(bytes: Uint8Array, draw: Draw): Uint8Array {
  if (bytes.byteLength === 0) return bytes;
  const at = draw.below(bytes.byteLength);
  return bytes.with(at, (bytes[at] ?? 0) ^ (1 << draw.below(8)));
}

function setByte(bytes: Uint8Array, draw: Draw): Uint8Array {
  return bytes.byteLength === 0 ? bytes : bytes.with(draw.below(bytes.byteLength), draw.pick(INTERESTING));
}

function insertBytes(bytes: Uint8Array, draw: Draw): Uint8Array {
  return splice(bytes, { at: draw.below(bytes.byteLength + 1), added: draw.bytes(1 + draw.below(8)) });
}

function removeBytes(bytes: Uint8Array, draw: Draw): Uint8Array {
  return splice(bytes, { at: draw.below(bytes.byteLength + 1), removed: 1 + draw.below(16) });
}

function repeatBytes(bytes: Uint8Array, draw: Draw): Uint8Array {
  const at = draw.below(bytes.byteLength + 1);
  const piece = bytes.subarray(at, at + 1 + draw.below(64));
  return splice(bytes, { at, added: Buffer.concat(Array.from({ length: 1 + draw.below(4) }, () => piece)) });
}

function cutOff(bytes: Uint8Array, draw: Draw): Uint8Array {
  return bytes.subarray(0, draw.below(bytes.byteLength + 1));
}

/** A number in digits gives way to one that is out of every range. */
function replaceNumber(bytes: Uint8Array, draw: Draw): Uint8Array {
  const text = Buffer.from(bytes).toString('latin1');
  const numbers = [...text.matchAll(/[0-9a-f]+/g)];
  if (numbers.length === 0) return bytes;
  const { index = 0, 0: digits } = draw.pick(numbers);
  return splice(bytes, { at: index, removed: digits.length, added: Buffer.from(draw.pick(NUMBERS)) });
}

interface Splice {
  readonly at: number;
  readonly removed?: number;
  readonly added?: Uint8Array;
}

function splice(bytes: Uint8Array, { at, removed = 0, added = new Uint8Array() }: Splice): Uint8Array {
  return Buffer.concat([bytes.subarray(0, at), added, bytes.subarray(at + removed)]);
}
