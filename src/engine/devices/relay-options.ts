import { SyncError } from '../../errors.ts';
import { parseTurnServer, type TurnLogin, type TurnServer } from '../../net/turn/turn-server.ts';

/** A TURN server that forwards bytes between devices that cannot reach each other. It cannot read them. */
export interface RelayOption {
  /** `turn:HOST[:PORT][?transport=udp|tcp]` or `turns:HOST[:PORT]` (RFC 7065). */
  readonly uri: string;
  readonly username: string;
  /** Either the password that belongs to the name, … */
  readonly password?: string;
  /** … or the secret shared with the server, of which short-lived names and passwords are made. */
  readonly secret?: string;
  /** PEM of an authority that certified a server of `turns:`, besides those that the system trusts. */
  readonly authority?: string;
}

/** Throws USAGE. */
export function turnServerOf({ authority, ...option }: RelayOption): TurnServer {
  const server = parseTurnServer(option.uri, loginOf(option));
  return authority === undefined ? server : { ...server, authorities: [authority] };
}

function loginOf({ uri, username, password, secret }: RelayOption): TurnLogin {
  if (password !== undefined && secret === undefined) return { kind: 'static', username, password };
  if (secret !== undefined && password === undefined) return { kind: 'secret', username, secret };
  throw new SyncError('USAGE', { detail: `The relay ${uri} needs either a password or a secret.` });
}
