/** Everything that can have happened in a conversation. Adding a kind breaks the build wherever somebody has to think about it. */
import { z } from 'zod';
import { CallEnded, GroupCallEnded, GroupCallStarted } from './call.ts';
import { ConversationCreated } from './conversation-created.ts';
import { CheckpointStored, DocumentAnnounced, DocumentRemoved } from './document.ts';
import { FileAnnounced, FileDeleted } from './file.ts';
import { MemberAdded, MemberBanned, MemberJoined, MemberLeft, MemberUnbanned, VoteCast } from './membership.ts';
import { MessageDeleted, MessageEdited, MessageSent, ReactionAdded } from './message.ts';
import { ProfileUpdated } from './profile.ts';

export const ConversationEvent = z.discriminatedUnion('kind', [
  ConversationCreated,
  MemberAdded,
  MemberJoined,
  MemberLeft,
  MemberBanned,
  MemberUnbanned,
  VoteCast,
  MessageSent,
  ReactionAdded,
  MessageEdited,
  MessageDeleted,
  FileAnnounced,
  FileDeleted,
  CallEnded,
  GroupCallStarted,
  GroupCallEnded,
  ProfileUpdated,
  DocumentAnnounced,
  DocumentRemoved,
  CheckpointStored,
]);
export type ConversationEvent = z.infer<typeof ConversationEvent>;
