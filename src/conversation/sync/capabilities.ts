/** What one side of git's wire can do: words on the first line it sends (gitprotocol-capabilities). */
export type Capabilities = ReadonlySet<string>;

export const NO_CAPABILITIES: Capabilities = new Set();

export function parseCapabilities(words: string): Capabilities {
  return new Set(words.split(' ').filter((word) => word !== ''));
}

/** The best of the two side bands that the other side can do. */
export function sideBandOf(capabilities: Capabilities): 'side-band-64k' | 'side-band' | undefined {
  if (capabilities.has('side-band-64k')) return 'side-band-64k';
  return capabilities.has('side-band') ? 'side-band' : undefined;
}
