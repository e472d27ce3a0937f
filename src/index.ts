/**
 * swarmlog: an event-sourced conversation sync engine.
 *
 * `createEngine` runs a device: conversations, links, transfers. `replay` folds a recorded conversation without network,
 * clock or home. Everything the command line does is one of these calls.
 *
 * @packageDocumentation
 */

// A recorded conversation
export { type ReadHistory, readHistory } from './conversation/history.ts';
export { openSource } from './conversation/repository/open-source-adapter.ts';
export type { RepositoryReader } from './conversation/repository/repository.ts';
export { type Verification, verifyHistory } from './conversation/verify-history.ts';
export { type AccountInfo, type CreateAccountOptions, createAccount, readAccount } from './engine/account.ts';
// A device
export { createEngine } from './engine/create-engine.ts';
export type {
  ConversationChange,
  ConversationHandle,
  ConversationSummary,
  Conversations,
  Engine,
  EngineOptions,
  EngineStatus,
  FetchOptions,
  FetchOutcome,
  InvitationView,
  SentFile,
  WaitingView,
} from './engine/engine.ts';
export { type ReplayOptions, type ReplayStep, replay } from './engine/replay.ts';
// The floor
export { type FailureCode, type FailureData, isSyncError, SyncError } from './errors.ts';
// What can have happened
export { ConversationEvent } from './events/conversation-event.ts';
export { type Decoded, decode } from './events/decode.ts';
export { encode } from './events/encode.ts';
export { FileRequest } from './events/file-request.ts';
export type { Interaction } from './events/interaction.ts';
export { JournalRecord } from './events/journal-record.ts';
export { AccountUri, CommitId, ConversationId, DeviceId, Digest, FileId } from './ids.ts';
export { createLocalDht, type LocalDht } from './net/hyperdht-adapter.ts';
export type { LinkView, PathKind } from './net/net.ts';
export type { Log } from './ports.ts';
// What is folded from it
export { builtInProjections } from './projections/built-in.ts';
export type { FileAnnouncement } from './projections/files.ts';
export type { MemberView, Role } from './projections/members.ts';
export { membersView } from './projections/members.ts';
export type { Policy } from './projections/policy.ts';
export { type Projection, project } from './projections/projection.ts';
export { type EntryView, type TimelinePage, timelinePage, timelineView } from './projections/timeline-page.ts';
export type { SubTransferView, TransferPhase, TransferView } from './projections/transfers.ts';
