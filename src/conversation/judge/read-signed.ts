import { type Decoded, decode } from '../../events/decode.ts';
import { asCommitId } from '../../id-bytes.ts';
import { verify } from '../../identity/signature.ts';
import type { AccountUri } from '../../ids.ts';
import { type Commit, parseCommit } from '../commit.ts';
import type { LogState } from '../log/log-state.ts';
import { objectIdOf } from '../repository/objects/object-id.ts';
import { judgeIdentity } from '../rules/signature.ts';
import { findSigner } from './signer.ts';

/** A commit whose signature holds; nothing else of it was judged, and it need not be part of any log. */
export interface SignedCommit {
  readonly commit: Commit;
  readonly content: Decoded;
  /** The account of the device that signed it. */
  readonly by: AccountUri;
}

/**
 * What a commit object says on its own, if a device signed it that takes part as the log's head has it. Undefined for
 * anything else. Throws OBJECT_MISSING, OBJECT_CORRUPT for the log's own certificates.
 */
export async function readSigned(
  { history, tree }: Pick<LogState, 'history' | 'tree'>,
  bytes: Uint8Array,
): Promise<SignedCommit | undefined> {
  const parsed = parseCommit(asCommitId(objectIdOf('commit', bytes)), bytes);
  if (parsed.outcome === 'malformed' || !parsed.commit.signature) return undefined;
  const { commit } = parsed;
  const signer = await findSigner(history, tree(), commit.author.device);
  if ('rule' in signer || judgeIdentity(signer, commit.author.seconds)) return undefined;
  const holds = await verify(signer.certificate.publicKey, commit.signedBytes, parsed.commit.signature);
  return holds ? { commit, content: decode(commit.message), by: signer.uri } : undefined;
}
