/** SDP of a data channel connection (RFC 8841, RFC 8839), as little of it as there is to say. */
import { type Candidate, formatCandidate, parseCandidate } from '../signalling/candidate.ts';
import type { Description } from '../signalling/description.ts';

/** The only section of the description. */
export const MEDIA_ID = '0';

/** Without candidates: they are added one by one. */
export function formatSdp({ ufrag, pwd, fingerprint }: Description, type: 'offer' | 'answer'): string {
  return [
    'v=0',
    'o=- 1 1 IN IP4 0.0.0.0',
    's=-',
    't=0 0',
    `a=group:BUNDLE ${MEDIA_ID}`,
    'm=application 9 UDP/DTLS/SCTP webrtc-datachannel',
    'c=IN IP4 0.0.0.0',
    `a=mid:${MEDIA_ID}`,
    'a=sendrecv',
    'a=ice-options:ice2,trickle',
    `a=ice-ufrag:${ufrag}`,
    `a=ice-pwd:${pwd}`,
    `a=fingerprint:sha-256 ${fingerprint}`,
    // The answerer begins DTLS (RFC 8842 §5.3).
    `a=setup:${type === 'offer' ? 'actpass' : 'active'}`,
    'a=sctp-port:5000',
    '',
  ].join('\r\n');
}

export function fingerprintIn(sdp: string): string | undefined {
  return /^a=fingerprint:sha-256 ([0-9A-F:]{95})\r?$/im.exec(sdp)?.[1]?.toUpperCase();
}

const CANDIDATE_PREFIX = /^(a=)?candidate:/;

export function parseSdpCandidate(line: string): Candidate | undefined {
  return parseCandidate(line.replace(CANDIDATE_PREFIX, '').trim());
}

export function formatSdpCandidate(candidate: Candidate): string {
  return `candidate:${formatCandidate(candidate)}`;
}
