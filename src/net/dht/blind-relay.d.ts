/** What we use of blind-relay 1.6.1, which ships no types. */
declare module 'blind-relay' {
  import type { EventEmitter } from 'node:events';
  import type { Duplex } from 'node:stream';

  export class Server {
    constructor(options: { createStream(options: object): unknown });
    accept(stream: Duplex, options: { readonly id: Uint8Array }): EventEmitter;
  }
}
