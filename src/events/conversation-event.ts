/** Everything that can have happened in a conversation. Adding a kind breaks the build wherever somebody has to think about it. */
import * as z from 'zod';
import { CallEnded, GroupCallEnded, GroupCallStarted } from './kinds/call.ts';
import { ConversationCreated } from './kinds/conversation-created.ts';
import { CheckpointStored, DocumentAnnounced, DocumentRemoved } from './kinds/document.ts';
import { FileAnnounced, FileDeleted } from './kinds/file.ts';
import { MemberAdded, MemberBanned, MemberJoined, MemberLeft, MemberUnbanned, VoteCast } from './kinds/membership.ts';
import { MessageDeleted, MessageEdited, MessageSent, ReactionAdded } from './kinds/message.ts';
import { ProfileUpdated } from './kinds/profile.ts';

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
