import { messageOf } from '../../errors.ts';
import type { Standing } from '../devices/standing.ts';
import type { EngineParts } from '../engine-parts.ts';
import type { Growth } from './growth.ts';

export interface VouchParts extends Pick<EngineParts, 'live' | 'log' | 'signal'> {
  readonly growth: Pick<Growth, 'onGrown'>;
  readonly standing: Pick<Standing, 'isRevoked'>;
}

/**
 * Done once, where a device was revoked: has the last words of the revoked device, which this device took in before, stand
 * in every conversation for those, too, who hear of the revocation first.
 */
export async function vouchEverywhere({ live, log, signal, growth, standing }: VouchParts): Promise<void> {
  const { isRevoked } = standing;
  for (const conversation of live.values()) {
    try {
      if (await conversation.log.vouch({ isRevoked, signal })) await growth.onGrown(conversation);
    } catch (error) {
      if (signal.aborted) return;
      log.warn('the last words of a revoked device are not vouched for', {
        ...{ conversation: conversation.id, reason: messageOf(error) },
      });
    }
  }
}
