/** What an examination of the network found out, for people and for programs. */
export interface Finding {
  readonly check: 'interfaces' | 'ports' | 'dht' | 'gate' | 'nat' | 'mapping' | 'relay' | 'ipv6' | 'clock';
  /** `problem`: something that was asked for does not work. `note`: worth knowing. */
  readonly outcome: 'ok' | 'note' | 'problem';
  /** What was looked at: an address, a server. */
  readonly subject: string;
  /** A sentence: what is so, and for a problem what to do. */
  readonly says: string;
}
