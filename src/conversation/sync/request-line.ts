import { SyncError } from '../../errors.ts';
import type { ConversationId } from '../../ids.ts';
import { packetText } from './pkt-line.ts';

const SERVICE = 'git-upload-pack ';
/** A request for this service or another one: no other line of the protocol begins so. */
const ANY_SERVICE = /^(git-[a-z-]+) /;

export interface RequestLine {
  /** What is asked for, with a slash before it: `/<conversation>`, or a path that a person typed. */
  readonly path: string;
  /** A device id, or a host as a person typed it. */
  readonly host: string;
}

/** The path under which a device serves a conversation. */
export function pathOf(conversation: ConversationId): string {
  return `/${conversation}`;
}

/** The first packet of a request (gitprotocol-pack, "Git Transport"). */
export function formatRequestLine({ path, host }: RequestLine): string {
  return `${SERVICE}${path}\0host=${host}\0`;
}

export function isRequestLine(payload: Uint8Array): boolean {
  return ANY_SERVICE.test(packetText(payload));
}

/** Throws PROTOCOL_BROKEN when the request is for something else. Extra parameters (`version=2`) ask for what we need not do. */
export function requireRequestFor(conversation: ConversationId, payload: Uint8Array): void {
  const line = packetText(payload);
  if (!line.startsWith(SERVICE)) {
    const [, service = 'something else'] = ANY_SERVICE.exec(line) ?? [];
    throw brokenBy(`it asked for ${service.slice(0, 100)}, and what is served here can only be read`);
  }
  const [path = ''] = line.slice(SERVICE.length).split('\0');
  if (path.replace(/^\//, '') === conversation) return;
  throw brokenBy(`it asked for ${JSON.stringify(path.slice(0, 100))} where ${conversation} is served`);
}

function brokenBy(detail: string): SyncError {
  return new SyncError('PROTOCOL_BROKEN', { protocol: 'git', detail });
}
