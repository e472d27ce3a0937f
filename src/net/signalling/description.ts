/**
 * How one end of a path describes itself. Text, one item a line: ufrag, pwd, the candidates; and
 * for UDP `fingerprint sha-256 <hex>` of the certificate that DTLS will show.
 */
import { createHmac } from 'node:crypto';
import { SyncError } from '../../errors.ts';
import { SIGNAL_CANDIDATES } from '../../limits.ts';
import type { Random } from '../../ports.ts';
import { type Candidate, formatCandidate, foundationOf, parseCandidate } from './candidate.ts';

/** Known to nobody but the two devices: the description travels encrypted. Characters and lengths of RFC 8445 §5.3. */
export interface Credentials {
  readonly ufrag: string;
  readonly pwd: string;
}

export interface Description extends Credentials {
  readonly candidates: readonly Candidate[];
  /** SHA-256 in colon-separated hex; of UDP paths only. */
  readonly fingerprint: string | undefined;
}

const UFRAG = /^[A-Za-z0-9+/]{4,256}$/;
const PWD = /^[A-Za-z0-9+/]{22,256}$/;
const FINGERPRINT = /^fingerprint sha-256 ([0-9A-F]{2}(?::[0-9A-F]{2}){31})$/;

export function formatDescription({ ufrag, pwd, candidates, fingerprint }: Description): string {
  const lines = [ufrag, pwd, ...candidates.map((one) => formatCandidate(one, foundationOf(one, candidates)))];
  if (fingerprint !== undefined) lines.push(`fingerprint sha-256 ${fingerprint}`);
  return lines.join('\n');
}

/** Lines that we do not know are skipped, so that newer devices may say more. Throws MALFORMED. */
export function parseDescription(text: string): Description {
  const [ufrag = '', pwd = '', ...lines] = text.split('\n');
  if (!UFRAG.test(ufrag) || !PWD.test(pwd))
    throw new SyncError('MALFORMED', { what: 'path description', detail: 'it does not begin with ufrag and pwd' });
  const candidates = lines.map(parseCandidate).filter((candidate) => candidate !== undefined);
  const fingerprint = lines.map((line) => FINGERPRINT.exec(line)?.[1]).find((found) => found !== undefined);
  return { ufrag, pwd, candidates: candidates.slice(0, SIGNAL_CANDIDATES), fingerprint };
}

export function newCredentials(random: Random): Credentials {
  return { ufrag: base64(random.bytes(6)), pwd: base64(random.bytes(24)) };
}

/**
 * The name under which the other end asks for this one in its TLS handshake. Only who read the description can make it,
 * so it stands for ICE's connectivity check (RFC 8445 §7.2.2) on paths that have none. A path of several streams has a
 * name for each part.
 */
export function sessionNameOf({ ufrag, pwd }: Credentials, part?: string): string {
  const session = part === undefined ? ufrag : `${ufrag} ${part}`;
  return createHmac('sha256', pwd).update(`swarmlog session ${session}`).digest('hex').slice(0, 32);
}

/** Lengths divisible by three need no padding, which ICE does not allow. */
function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64');
}
