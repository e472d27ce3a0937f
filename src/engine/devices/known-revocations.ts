import type { RevocationList } from '../../identity/crl-adapter.ts';
import type { Revocation, StatedRevocation } from '../../identity/revocation.ts';
import { REVOCATION_LISTS, REVOKED_DEVICES } from '../../limits.ts';

export type AddedRevocation =
  | {
      readonly outcome: 'added';
      /** What was heard, with what was known of it before. */
      readonly revocation: Revocation;
      readonly revocations: readonly Revocation[];
    }
  /** It says nothing that the others do not say. */
  | { readonly outcome: 'known' }
  /** More than an account may have. */
  | { readonly outcome: 'full' };

/**
 * Adds one account's revocation to its others. What is revoked stays so: the devices of all lists together count, and a
 * list that another one contains is not needed. The devices are the same, in whatever order the lists were heard.
 */
export function addRevocation(known: readonly Revocation[], heard: Revocation): AddedRevocation {
  const container = known.find(({ list }) => contains(list, heard.list));
  const kept = container ?? heard;
  const contained = known.filter((other) => other !== container && contains(kept.list, other.list));
  const devices = new Map([
    ...(container?.devices ?? []),
    ...contained.flatMap((one) => [...one.devices]),
    ...heard.devices,
  ]);
  if (container && devices.size === container.devices.size) return { outcome: 'known' };
  const others = known.filter((other) => other !== container && !contained.includes(other));
  if (others.length >= REVOCATION_LISTS || kept.list.serials.size + kept.list.devices.size > REVOKED_DEVICES)
    return { outcome: 'full' };
  const revocation = { ...kept, devices };
  return { outcome: 'added', revocation, revocations: [...others, revocation] };
}

/** Whether it was told before, word for word: as devices tell all they know on each link, most of it was. */
export function isAllKnown(known: readonly Revocation[], { list, devices }: StatedRevocation): boolean {
  return known.some((one) => {
    const certificates = new Set(one.devices.values());
    return Buffer.compare(one.list.der, list) === 0 && devices.every((pem) => certificates.has(pem));
  });
}

function contains(all: RevocationList, some: RevocationList): boolean {
  return (
    [...some.serials].every((one) => all.serials.has(one)) && [...some.devices].every((one) => all.devices.has(one))
  );
}
