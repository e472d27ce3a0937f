import { SyncError } from '../../errors.ts';
import type { ConversationId } from '../../ids.ts';
import { packetText } from './pkt-line.ts';

const SERVICE = 'git-upload-pack ';

/** The first packet of a request (gitprotocol-pack, "Git Transport"). `host` is a device id or whatever the user of a stock git typed. */
export function formatRequestLine({ conversation, host }: { conversation: ConversationId; host: string }): string {
  return `${SERVICE}/${conversation}\0host=${host}\0`;
}

export function isRequestLine(payload: Uint8Array): boolean {
  return packetText(payload).startsWith(SERVICE);
}

/** Throws PROTOCOL_BROKEN when the request is for something else. Extra parameters (`version=2`) ask for what we need not do. */
export function requireRequestFor(conversation: ConversationId, payload: Uint8Array): void {
  const [path = ''] = packetText(payload).slice(SERVICE.length).split('\0');
  if (path.replace(/^\//, '') === conversation) return;
  const detail = `it asked for ${JSON.stringify(path.slice(0, 100))} where ${conversation} is served`;
  throw new SyncError('PROTOCOL_BROKEN', { protocol: 'git', detail });
}
