/** `profile.vcf`: a conversation's title, description and picture. Source: docs/format.md, "The profile". */

export interface ConversationProfile {
  readonly title?: string;
  readonly description?: string;
  /** Base64. */
  readonly avatar?: string;
  readonly rdvAccount?: string;
  readonly rdvDevice?: string;
}

/** Reads what it knows and skips the rest; a card that is none gives an empty profile. */
export function parseProfileCard(text: string): ConversationProfile {
  const profile: { -readonly [Key in keyof ConversationProfile]: string } = {};
  for (const line of text.split(/\r?\n/)) {
    const colon = line.indexOf(':');
    const name = nameOf(line.slice(0, colon));
    const value = line.slice(colon + 1);
    if (colon > 0 && name !== undefined && value !== '') profile[name] = value;
  }
  return profile;
}

function nameOf(key: string): keyof ConversationProfile | undefined {
  if (key.startsWith('PHOTO')) return 'avatar';
  switch (key) {
    case 'FN':
      return 'title';
    case 'DESCRIPTION':
      return 'description';
    case 'RDV_ACCOUNT':
      return 'rdvAccount';
    case 'RDV_DEVICE':
      return 'rdvDevice';
    default:
      return undefined;
  }
}

/** Line for line as the format's writer puts it, the two empty lines included. Values hold no line breaks: see `isCardValue`. */
export function formatProfileCard({ title, description, avatar, rdvAccount, rdvDevice }: ConversationProfile): string {
  return [
    'BEGIN:VCARD',
    'VERSION:2.1',
    ...(title ? [`FN:${title}`] : []),
    ...(description ? [`DESCRIPTION:${description}`] : []),
    `PHOTO;ENCODING=BASE64${avatar ? `:${avatar}` : ''}`,
    ...(rdvAccount ? [`RDV_ACCOUNT:${rdvAccount}`] : []),
    '',
    ...(rdvDevice ? [`RDV_DEVICE:${rdvDevice}`] : []),
    '',
    'END:VCARD',
  ].join('\n');
}

/** A value must stay on its line: the format knows no escapes. */
export function isCardValue(value: string): boolean {
  return !/[\r\n]/.test(value);
}
