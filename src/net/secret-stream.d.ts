/** What we use of @hyperswarm/secret-stream 6.9.2, which ships no types. */
declare module '@hyperswarm/secret-stream' {
  import type { Duplex } from 'node:stream';

  export interface KeyPair {
    readonly publicKey: Buffer;
    readonly secretKey: Buffer;
  }

  class NoiseSecretStream extends Duplex {
    constructor(isInitiator: boolean, stream: Duplex, options: { readonly keyPair: KeyPair });
    static keyPair(seed: Buffer): KeyPair;
    readonly remotePublicKey: Buffer;
    readonly rawStream: { readonly remoteHost?: string | null; readonly remoteAddress?: string } | null;
  }

  // biome-ignore lint/style/noDefaultExport: it is what the package has.
  export default NoiseSecretStream;
}
