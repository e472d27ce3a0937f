/** What we use of multicast-dns 7.2.5, which ships no types. */
declare module 'multicast-dns' {
  import type { RemoteInfo, Socket } from 'node:dgram';
  import type { EventEmitter } from 'node:events';

  export interface MulticastDnsOptions {
    readonly port: number;
    /** Owned by what is created. */
    readonly socket: Socket;
    readonly type: 'udp4' | 'udp6';
    /** The group. */
    readonly ip: string;
    /** The address of the interface that packets leave by, and on which the group is joined; of IPv6 `::%eth0`. */
    readonly interface: string;
    /** Packets to a group do not reach a socket that is bound to an address of the machine. */
    readonly bind: '0.0.0.0' | '::';
  }

  export interface Question {
    readonly name: string;
    readonly type: string;
  }

  export interface Answer {
    readonly name: string;
    readonly type: string;
    readonly ttl?: number;
    readonly data: unknown;
  }

  export interface Packet {
    readonly questions: readonly Question[];
    readonly answers: readonly Answer[];
  }

  export interface MulticastDns extends EventEmitter {
    query(packet: { questions: readonly Question[] }): void;
    respond(packet: { answers: readonly Answer[]; additionals?: readonly Answer[] }): void;
    destroy(done: () => void): void;
    on(event: 'query' | 'response', listener: (packet: Packet, from: RemoteInfo) => void): this;
    on(event: 'error' | 'warning', listener: (error: Error) => void): this;
    on(event: 'ready', listener: () => void): this;
  }

  // biome-ignore lint/style/noDefaultExport: it is what the package has.
  export default function createMulticastDns(options: MulticastDnsOptions): MulticastDns;
}
