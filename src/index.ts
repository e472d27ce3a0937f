/**
 * swarmlog: an event-sourced conversation sync engine.
 *
 * `createEngine` runs a device: conversations, links, transfers. `replay` folds a recorded conversation without network,
 * clock or home. Everything the command line does is one of these calls.
 *
 * @packageDocumentation
 */

// A recorded conversation
export type { GroupMode } from './conversation/decisions/create.ts';
export { type Order, type ReadHistory, readHistory } from './conversation/history.ts';
export type { ConversationProfile } from './conversation/profile-card.ts';
export { openSource } from './conversation/repository/open-source-adapter.ts';
export type {
  GitObject,
  Objects,
  ObjectType,
  Ref,
  RepositoryReader,
  StoredObject,
} from './conversation/repository/repository.ts';
export { type Flaw, type Refusal, RULES, type Rule } from './conversation/rules/rule.ts';
export type { ServedConnection } from './conversation/sync/git-daemon-adapter.ts';
export type { CloneProgress } from './conversation/take-history.ts';
export type { Target } from './conversation/tree-path.ts';
export { type Verification, verifyHistory } from './conversation/verify-history.ts';
export { type AccountInfo, type CreateAccountOptions, createAccount, readAccount } from './engine/account.ts';
export { type Cloned, type CloneFromOptions, cloneFrom } from './engine/clone-from.ts';
export type { DiskShortage } from './engine/commit-room.ts';
export type { ConversationWrites, RecordedCall, VoteOutcome } from './engine/conversation-writes.ts';
export { createEngine } from './engine/create-engine.ts';
export type {
  ConversationChange,
  ConversationHandle,
  ConversationSummary,
  Conversations,
  CreateOptions,
  Engine,
  EngineOptions,
  EngineStatus,
  FetchOptions,
  FetchOutcome,
  InvitationView,
  ReadStreamOptions,
  SentFile,
  WaitingView,
  WhyView,
} from './engine/engine.ts';
export {
  type ExportAccountOptions,
  exportAccount,
  type ImportedAccount,
  importAccount,
} from './engine/move-account.ts';
// A device
export type { OwnDevice, RevokeDeviceOptions } from './engine/own-devices.ts';
export { listDevices, revokeDevice } from './engine/own-devices.ts';
export type { RelayOption } from './engine/relay-options.ts';
export { type ReplayOptions, type ReplayStep, replay } from './engine/replay.ts';
export { type GitServer, type ServeGitOptions, serveGit } from './engine/serve-git.ts';
// The floor
export { type FailureCode, type FailureData, isSyncError, SyncError } from './errors.ts';
// What can have happened
export { ConversationEvent } from './events/conversation-event.ts';
export { type Decoded, decode } from './events/decode.ts';
export { encode } from './events/encode.ts';
export { type DeclineReason, FileRequest } from './events/file-request.ts';
export type { Interaction } from './events/interaction.ts';
export { JournalRecord, LinkPath, type RecordOf, SUB_TRANSFER_FAILURES } from './events/journal-record.ts';
export type { WireBody } from './events/wire-body.ts';
export type { BandwidthChange, BandwidthLimits, Rates } from './fetcher/bandwidth.ts';
export type { RequestCounts } from './fetcher/request-counts.ts';
export { AccountUri, CommitId, ConversationId, DeviceId, Digest, FileId } from './ids.ts';
export type { Address } from './net/address.ts';
export { createLocalDht, type LocalDht } from './net/hyperdht-adapter.ts';
export type { LinkView, PathKind } from './net/net.ts';
export type { LinkKind, Log, PeerIdentity } from './ports.ts';
// What is folded from it
export type { AskOutcome } from './projections/asks.ts';
export { builtInProjections } from './projections/built-in.ts';
export { announcedFiles, type Deletion, type FileAnnouncement, type FilesState } from './projections/files.ts';
export type { Held } from './projections/holdings.ts';
export { type Member, type MembersState, type MemberView, membersView, type Role } from './projections/members.ts';
export type { NextStep } from './projections/next-step.ts';
export type { PolicyExplanation, Share } from './projections/policy/explain-policy.ts';
export { FILE_TYPES, type FileType } from './projections/policy/file-type.ts';
export type { OwnRule, Policy, PolicyConditions, Quota } from './projections/policy/policy.ts';
export { POLICY_RULES, type PolicyRule } from './projections/policy/rule.ts';
export { type Projection, project } from './projections/projection.ts';
export type { ProjectionSet, StatesOf } from './projections/projection-set.ts';
export type { RefusedHead } from './projections/quarantine.ts';
export type { SubTransferFailure, SubTransferState, SubTransferTrouble } from './projections/sub-transfers.ts';
export type { TimelineState } from './projections/timeline.ts';
export type { TimelineChange } from './projections/timeline-change.ts';
export type { Edition, EntryContent, PlainEvent, Reaction, TimelineEntry } from './projections/timeline-entry.ts';
export {
  type ContentView,
  type EntryView,
  type TimelinePage,
  timelinePage,
  timelineView,
} from './projections/timeline-page.ts';
export type { TransferPhase, TransferState } from './projections/transfer-state.ts';
export type { SubTransferView, TransferView } from './projections/transfers.ts';
export type { Hold } from './projections/wanting.ts';
export type { HoldersView, WhyDevice } from './projections/why.ts';
