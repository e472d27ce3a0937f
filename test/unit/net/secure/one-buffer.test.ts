import { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { expect, it } from 'vitest';
import { readIntoOneBuffer } from '../../../../src/net/secure/one-buffer-adapter.ts';

it('leaves a socket alone that is not of the form it knows', () => {
  const socket = new TLSSocket(new Socket());
  Object.assign(socket, { _handle: { useUserBuffer: undefined } });
  const before = keptBy(socket);
  expect(readIntoOneBuffer(socket, () => true)).toBe(false);
  expect(keptBy(socket)).toEqual(before);
});

function keptBy(socket: object): readonly unknown[] {
  return Object.getOwnPropertySymbols(socket).map((key) => Reflect.get(socket, key));
}
