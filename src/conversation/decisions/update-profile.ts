import { TITLE_CHARACTERS } from '../../limits.ts';
import { type ConversationProfile, formatProfileCard, isCardValue } from '../profile-card.ts';
import { PROFILE_PATH } from '../tree-path.ts';
import { type Decision, type DecisionState, type Refusal, refuse } from './decision.ts';
import { ownDeviceFile, refusalToTakePart } from './take-part.ts';

export interface UpdateProfile {
  readonly kind: 'update-profile';
  /** The whole profile as it is to be. */
  readonly profile: ConversationProfile;
}

/** Only admins may: rule R41. */
export function updateProfile(state: DecisionState, { profile }: UpdateProfile): Decision {
  const refusal = refusalToTakePart(state);
  if (refusal) return refusal;
  if (state.membership.members.get(state.self.account)?.role !== 'admin')
    return refuse('not-an-admin', 'only admins change the profile of a conversation');
  const flaw = refusalToProfile(profile);
  if (flaw) return flaw;
  const card = { path: PROFILE_PATH, content: formatProfileCard(profile) };
  return { event: { kind: 'profile-updated' }, edits: [...ownDeviceFile(state), card] };
}

/** What no conversation can be called or described as, whoever says so. */
export function refusalToProfile(profile: ConversationProfile): Refusal | undefined {
  if (!Object.values(profile).every(isCardValue)) return refuse('unsafe-name', 'a profile has no line breaks');
  if ((profile.title ?? '').length > TITLE_CHARACTERS)
    return refuse('too-long', `a title has at most ${TITLE_CHARACTERS} characters`);
  return undefined;
}
