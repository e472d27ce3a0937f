import { LINKS, LINKS_OF_STRANGERS, LINKS_PER_ACCOUNT } from '../limits.ts';
import type { PeerIdentity } from '../ports.ts';

/** A device with a link, or one that would like to have one. */
export interface LinkHolder {
  readonly peer: PeerIdentity;
  /** It takes part in nothing here. */
  readonly isStranger: boolean;
}

/**
 * Why there is no room for another link; undefined when there is. No account takes all places, and strangers, of whom
 * anybody can make any number, leave most of them to those we have something in common with.
 */
export function lackOfRoom(holders: readonly LinkHolder[], newcomer: LinkHolder): string | undefined {
  if (holders.length >= LINKS) return 'it has too many links';
  const ofAccount = holders.filter(({ peer }) => peer.account === newcomer.peer.account).length;
  if (ofAccount >= LINKS_PER_ACCOUNT) return 'it has too many links to that account';
  const ofStrangers = holders.filter(({ isStranger }) => isStranger).length;
  if (newcomer.isStranger && ofStrangers >= LINKS_OF_STRANGERS) return 'it has too many links to strangers';
  return undefined;
}
