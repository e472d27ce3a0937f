import type { DeviceId } from '../../ids.ts';
import { TRANSFER_RANGES } from '../../limits.ts';
import type { Range, Ranges } from '../ranges.ts';
import type { Statement } from '../transfer/transfer-frame.ts';
import type { SubTransferOutcome } from '../transfer/transfer-input.ts';
import type { ChunkedFile } from './chunked-file.ts';
import { createIncomingList, type IncomingList } from './incoming-list.ts';

/** How the schedule reaches one source. */
export interface SourceLink {
  order(statement: Statement & { readonly say: 'go' | 'skip' }): void;
  /** The source broke the rules, and is out. */
  conclude(outcome: SubTransferOutcome): void;
}

/** The devices that send a file, as the schedule talks to them. */
export interface Participants {
  /** False when the device takes part already. */
  add(source: DeviceId, link: SourceLink): boolean;
  remove(source: DeviceId): void;
  ask(source: DeviceId, ranges: Ranges): void;
  askForHashes(source: DeviceId): void;
  skip(source: DeviceId, ranges: Ranges): void;
  drop(source: DeviceId, outcome: SubTransferOutcome): void;
  /**
   * What the source has listed so far: undefined while there is more to come, 'wrong' when nobody asked or it is not
   * the file's list.
   */
  takeHashes(source: DeviceId, hashes: Uint8Array): Uint8Array | 'wrong' | undefined;
  /** Whether the list of hashes was asked of it and has not come. */
  owesHashes(source: DeviceId): boolean;
  /** Counts bytes that were of use. */
  credit(source: DeviceId, bytes: number): void;
  /** Bytes of use that came from the device, also when it has left. */
  delivered(source: DeviceId): number;
  /** What `delivered` says of those that take part now. */
  shares(): DeliveredShares;
}

/** Bytes of use that came from each device. */
export type DeliveredShares = ReadonlyMap<DeviceId, number>;

/** `held`: how many bytes of the file are here and right. */
export function createParticipants(file: ChunkedFile, held: () => number): Participants {
  const links = new Map<DeviceId, SourceLink>();
  const lists = new Map<DeviceId, IncomingList>();
  const delivered = new Map<DeviceId, number>();
  const order = (source: DeviceId, statement: Statement & { say: 'go' | 'skip' }) =>
    links.get(source)?.order(statement);

  return {
    add(source, link) {
      if (links.has(source)) return false;
      links.set(source, link);
      return true;
    },
    remove(source) {
      links.delete(source);
      lists.delete(source);
    },
    ask: (source, ranges) => order(source, { say: 'go', ranges: ranges.map(toTuple), held: held() }),
    askForHashes(source) {
      lists.set(source, createIncomingList(file));
      order(source, { say: 'go', ranges: [], hashes: true });
    },
    skip(source, ranges) {
      for (let first = 0; first < ranges.length; first += TRANSFER_RANGES)
        order(source, { say: 'skip', ranges: ranges.slice(first, first + TRANSFER_RANGES).map(toTuple) });
    },
    drop: (source, outcome) => links.get(source)?.conclude(outcome),
    takeHashes(source, hashes) {
      const list = lists.get(source);
      const taken = list ? list.take(hashes) : 'wrong';
      if (taken !== undefined) lists.delete(source);
      return taken;
    },
    owesHashes: (source) => lists.has(source),
    credit: (source, bytes) => void delivered.set(source, (delivered.get(source) ?? 0) + bytes),
    delivered: (source) => delivered.get(source) ?? 0,
    shares: () => new Map([...links.keys()].map((source) => [source, delivered.get(source) ?? 0])),
  };
}

function toTuple([start, end]: Range): [number, number] {
  return [start, end];
}
