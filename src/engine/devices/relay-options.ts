import { SyncError } from '../../errors.ts';
import { parseTurnServer, type TurnServer } from '../../net/turn/turn-server.ts';

/** A TURN server that forwards bytes between devices that cannot reach each other. It cannot read them. */
export interface RelayOption {
  /** `turn:HOST[:PORT][?transport=udp|tcp]` or `turns:HOST[:PORT]` (RFC 7065). */
  readonly uri: string;
  readonly username: string;
  /** Either the password that belongs to the name, … */
  readonly password?: string;
  /** … or the secret shared with the server, of which short-lived names and passwords are made. */
  readonly secret?: string;
}

/** Throws USAGE. */
export function turnServerOf({ uri, username, password, secret }: RelayOption): TurnServer {
  if (password !== undefined && secret === undefined)
    return parseTurnServer(uri, { kind: 'static', username, password });
  if (secret !== undefined && password === undefined) return parseTurnServer(uri, { kind: 'secret', username, secret });
  throw new SyncError('USAGE', { detail: `The relay ${uri} needs either a password or a secret.` });
}
