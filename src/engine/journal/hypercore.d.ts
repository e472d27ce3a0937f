/** The part of hypercore 11 that the journal uses; the package ships no types. */
declare module 'hypercore' {
  /** A hypercore-storage instance. */
  interface Storage {
    close(): Promise<void>;
  }

  class Hypercore {
    /** `allowBackup`: do without the file that ties the storage to one inode of one machine. */
    static defaultStorage(directory: string, options: { allowBackup: boolean }): Storage;

    constructor(storage: Storage);

    readonly length: number;

    ready(): Promise<void>;
    append(blocks: readonly Uint8Array[]): Promise<{ length: number }>;
    /** Null when the block is not stored here and `wait` is false. */
    get(index: number, options: { wait: false }): Promise<Uint8Array | null>;
    /** The hash of the tree over the first blocks. */
    treeHash(length: number): Promise<Uint8Array>;
    close(): Promise<void>;
  }

  export = Hypercore;
}
