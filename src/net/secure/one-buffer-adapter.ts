import type { TLSSocket } from 'node:tls';

/** The most that comes at once. */
export const TLS_RECORD_BYTES = 16 * 1024;

/**
 * Has node read what comes for a TLS socket into one buffer, over and over, where it takes new memory for each record otherwise:
 * getting it and giving it up costs more than decrypting. For sockets that connect by themselves that is an option (`onread`);
 * for those that came in, or stand on another stream, it has to be set behind the published types. False where a later
 * Node is not of this form: nothing has changed then.
 */
export function readIntoOneBuffer(socket: TLSSocket, onBytes: (bytes: Uint8Array) => boolean): boolean {
  const inside = insideOf(socket);
  if (!inside) return false;
  const buffer = Buffer.allocUnsafeSlow(TLS_RECORD_BYTES);
  const { handle, bufferKey, callbackKey } = inside;
  Object.assign(socket, { [bufferKey]: buffer, [callbackKey]: (count: number) => onBytes(buffer.subarray(0, count)) });
  handle.useUserBuffer(buffer);
  return true;
}

interface Inside {
  readonly handle: { useUserBuffer(buffer: Uint8Array): void };
  /** Under these the socket keeps what `onread` has given it. */
  readonly bufferKey: symbol;
  readonly callbackKey: symbol;
}

function insideOf(socket: TLSSocket): Inside | undefined {
  const handle = (socket as { readonly _handle?: Partial<Inside['handle']> | null })._handle;
  const keyOf = (name: string) => Object.getOwnPropertySymbols(socket).find(({ description }) => description === name);
  const [bufferKey, callbackKey] = [keyOf('kBuffer'), keyOf('kBufferCb')];
  const isOfThisForm = typeof handle?.useUserBuffer === 'function' && bufferKey && callbackKey;
  return isOfThisForm ? { handle: handle as Inside['handle'], bufferKey, callbackKey } : undefined;
}
