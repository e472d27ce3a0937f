/**
 * Which of the devices that hold a file keeps it, whatever each of them knows of the others at the moment.
 *
 * Law: where a copy goes only from a device that knows of one closer to keeping it, one copy stays, however late the
 * devices hear of each other and however many of them make room at the same time. The order is the same everywhere, so the
 * closest of those that hold it waits for none.
 */
import type { AccountUri, DeviceId } from '../../ids.ts';
import type { FileAnnouncement } from '../files.ts';
import { draw } from '../plan/draw.ts';

export interface Holder {
  readonly account: AccountUri;
  readonly device: DeviceId;
}

/** Who sent the file keeps it first; of devices that are alike in that, each keeps some files. */
export function isCloserToKeeping(one: Holder, other: Holder, file: FileAnnouncement): boolean {
  const rank = ({ account, device }: Holder) => Number(account !== file.author) + draw(file.interaction, device);
  const [ofOne, ofOther] = [rank(one), rank(other)];
  return ofOne === ofOther ? one.device < other.device : ofOne < ofOther;
}
