import { AccountUri, DeviceId } from '../../ids.ts';
import type { AuthoredFacts } from './commit-facts.ts';
import { judgeAdd } from './member-add.ts';
import { judgeResolution } from './member-ban.ts';
import { judgeJoin } from './member-join.ts';
import { judgeRemove } from './member-remove.ts';
import { type Flaw, flaw } from './rule.ts';

const NOBODY = /^0{40}/;

/** R20, R21, then the family of the action. */
export function judgeMember(facts: AuthoredFacts): Flaw | undefined {
  const raw = facts.content.outcome === 'merge' ? undefined : facts.content.raw;
  const { uri: named, action } = raw ?? {};
  const uri = AccountUri.safeParse(named).data;
  const target = uri ?? DeviceId.safeParse(named).data;
  if (!target || NOBODY.test(target)) return flaw('R20', `${JSON.stringify(named)} names no member`);
  if (action === 'ban' || action === 'unban') return judgeResolution(facts, { action, target });
  if (!uri) return flaw('R20', `${target} is a device, and only a ban is about one`);
  if (action === 'add') return judgeAdd(facts, uri);
  if (action === 'join') return judgeJoin(facts, uri);
  if (action === 'remove') return judgeRemove(facts, uri);
  return flaw('R21', `${JSON.stringify(action)} is no action on a member`);
}
