/** What we use of hyperdht 6.34.0, which ships no types. */
declare module '@hyperswarm/dht' {
  import type { EventEmitter } from 'node:events';
  import type { Duplex } from 'node:stream';

  export interface KeyPair {
    readonly publicKey: Buffer;
    readonly secretKey: Buffer;
  }

  export interface NodeAddress {
    readonly host: string;
    readonly port: number;
  }

  export interface DhtOptions {
    readonly bootstrap: readonly NodeAddress[];
    readonly host: string;
    /** A pair is a range; `[0, 0]` is any free port. */
    readonly port?: number | readonly [number, number];
    readonly anyPort?: boolean;
    /** Known from an earlier run. */
    readonly nodes?: readonly NodeAddress[];
    readonly keyPair?: KeyPair;
    readonly ephemeral?: boolean;
    readonly firewalled?: boolean;
    /** False: does not ask other nodes at the start whether they reach this one. */
    readonly quickFirewall?: boolean;
  }

  export interface NoiseStream extends Duplex {
    readonly remotePublicKey: Buffer;
    readonly rawStream: { readonly remoteHost?: string | null; readonly remoteAddress?: string } | null;
  }

  export interface DhtServerOptions {
    readonly shareLocalAddress: boolean;
    /** True turns somebody away, who says how it is reached. */
    firewall?(publicKey: Buffer, said: { readonly firewall: number }): boolean;
  }

  export interface DhtServer extends EventEmitter {
    readonly relayAddresses: readonly NodeAddress[];
    refresh(): void;
    listen(): Promise<DhtServer>;
    close(): Promise<void>;
  }

  export interface ConnectOptions {
    readonly localConnection?: boolean;
    readonly relayThrough?: Buffer | null;
    /** Called when both sides have found out how their NATs behave, before they get through. False ends it. */
    holepunch?(): boolean;
  }

  export interface Query<Reply> extends AsyncIterable<Reply> {
    /** Of the nodes nearest to what was asked for. */
    readonly closestReplies: readonly unknown[];
    finished(): Promise<void>;
    destroy(): void;
  }

  export interface LookupReply {
    readonly peers: readonly { readonly publicKey: Buffer }[];
  }

  class HyperDht extends EventEmitter {
    constructor(options: DhtOptions);
    static keyPair(seed: Uint8Array): KeyPair;
    readonly defaultKeyPair: KeyPair;
    /** As other nodes see it; null until enough of them have said so. */
    readonly host: string | null;
    /** 0 when they do not agree on it. */
    readonly port: number;
    readonly randomized: boolean;
    fullyBootstrapped(): Promise<void>;
    address(): NodeAddress;
    toArray(options?: { limit?: number }): readonly NodeAddress[];
    createRawStream(options: object): unknown;
    createServer(options: DhtServerOptions, onConnection?: (stream: NoiseStream) => void): DhtServer;
    connect(publicKey: Buffer, options?: ConnectOptions): NoiseStream;
    announce(topic: Buffer, keyPair: KeyPair, relayAddresses: readonly NodeAddress[]): Query<unknown>;
    unannounce(topic: Buffer, keyPair: KeyPair): Promise<void>;
    lookup(topic: Buffer): Query<LookupReply>;
    /** Replies of nodes that know the way to the holder of the key. */
    findPeer(publicKey: Buffer): Query<unknown>;
    /** What is found is signed by the key. */
    mutableGet(publicKey: Buffer): Promise<{ readonly seq: number; readonly value: Buffer } | null>;
    mutablePut(keyPair: KeyPair, value: Buffer, options: { readonly seq: number }): Promise<unknown>;
    destroy(options?: { force?: boolean }): Promise<void>;
  }

  // biome-ignore lint/style/noDefaultExport: it is what the package has.
  export default HyperDht;
}
