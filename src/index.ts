/**
 * swarmlog: an event-sourced conversation sync engine.
 *
 * `createEngine` runs a device: conversations, links, transfers. `replay` folds a recorded conversation without network,
 * clock or home. Everything the command line does is one of these calls.
 *
 * @packageDocumentation
 */

// A device: its account, its engine, its transfers

export type { BanView } from './engine/conversations/ban-view.ts';
export type { ConversationWrites, RecordedCall, VoteOutcome } from './engine/conversations/conversation-writes.ts';
export { createEngine } from './engine/create-engine.ts';
export type { RelayOption } from './engine/devices/relay-options.ts';
export type {
  ConversationChange,
  ConversationHandle,
  Conversations,
  ConversationsChange,
  CreateOptions,
  Engine,
  EngineChange,
  EngineOptions,
  EngineStatus,
  FetchOptions,
  ReadProgress,
  ReadStreamOptions,
  SendFileOptions,
  SentFile,
} from './engine/engine.ts';
export type { FileWords } from './engine/files/file-words.ts';
export { type AccountInfo, type CreateAccountOptions, createAccount, readAccount } from './engine/home/account.ts';
export type { DiskShortage } from './engine/home/disk-room.ts';
export {
  type ExportAccountOptions,
  exportAccount,
  type ImportAccountOptions,
  type ImportedAccount,
  importAccount,
} from './engine/home/move-account.ts';
export type { OwnDevice, RevokeDeviceOptions } from './engine/home/own-devices.ts';
export { listDevices, revokeDevice } from './engine/home/own-devices.ts';
export type { ConversationSummary, FetchOutcome, InvitationView, WaitingView, WhyView } from './engine/views.ts';
export type { BandwidthChange, BandwidthLimits, Rates } from './fetcher/pace/bandwidth.ts';
export type { RequestCounts } from './fetcher/request-counts.ts';
export type { Address } from './net/address.ts';
export { createLocalDht, type KeptDht, type LocalDht, type LocalDhtOptions } from './net/dht/local-dht-adapter.ts';
export type { DhtState } from './net/discovery/dht-membership.ts';
export type { Traffic } from './net/link/traffic.ts';
export type { PortMappingState } from './net/mapping/port-mapping.ts';
export type { MappingProtocol } from './net/mapping/router-client.ts';
export type { LinkView, PathKind } from './net/net.ts';

// A conversation on disk or on its way: read, verify, replay, serve, clone

export type { CloneProgress } from './conversation/clone/take-history.ts';
export type { GroupMode } from './conversation/decisions/create.ts';
export { type Verification, verifyHistory } from './conversation/judge/verify-history.ts';
export { type Order, type ReadHistory, readHistory } from './conversation/log/history.ts';
export type { ConversationProfile } from './conversation/profile-card.ts';
export { type OpenSourceOptions, openSource } from './conversation/repository/open-source-adapter.ts';
export type {
  GitObject,
  Objects,
  ObjectType,
  Ref,
  RepositoryReader,
  StoredEntry,
  StoredObject,
  StoredStretch,
} from './conversation/repository/repository.ts';
export { type Flaw, type Refusal, RULES, type Rule } from './conversation/rules/rule.ts';
export type { ServedConnection } from './conversation/sync/git-daemon-adapter.ts';
export type { Target } from './conversation/tree-path.ts';
export { type Cloned, type CloneFromOptions, cloneFrom } from './engine/commits/clone-from.ts';
export { type GitServer, type ServeGitOptions, serveGit } from './engine/commits/serve-git.ts';
export { type ReplayOptions, type ReplayStep, replay } from './engine/replay.ts';

// What can have happened

export { ConversationEvent } from './events/conversation-event.ts';
export { type Decoded, decode } from './events/decode.ts';
export { encode } from './events/encode.ts';
export type { Interaction } from './events/interaction.ts';
export { JournalRecord, LinkPath, type RecordOf, SUB_TRANSFER_FAILURES } from './events/journal-record.ts';
export type { WireBody } from './events/kinds/wire-body.ts';
export type { Heading } from './events/linearized-history.ts';
export { type DeclineReason, FileRequest } from './events/peer/file-request.ts';

// What is folded from it

export { builtInProjections } from './projections/built-in.ts';
export type { CommitTable } from './projections/commit-table.ts';
export { announcedFiles, type Deletion, type FileAnnouncement, type FilesState } from './projections/files.ts';
export type { AskOutcome } from './projections/journal/asks.ts';
export type { Held } from './projections/journal/holdings.ts';
export type { RefusedHead } from './projections/journal/quarantine.ts';
export type {
  SubTransfer,
  SubTransferFailure,
  SubTransferState,
  SubTransferTrouble,
} from './projections/journal/sub-transfers.ts';
export {
  type Member,
  type MemberByEvents,
  type MembersState,
  type MemberView,
  membersByEvents,
  type Role,
} from './projections/members.ts';
export type { NextStep } from './projections/plan/next-step.ts';
export type { Hold } from './projections/plan/wanting.ts';
export type { Giving, HoldersView, WhyDevice } from './projections/plan/why.ts';
export type { PolicyExplanation, Share } from './projections/policy/explain-policy.ts';
export { FILE_TYPES, type FileType } from './projections/policy/file-type.ts';
export type { OwnRule, Policy, PolicyConditions, Quota } from './projections/policy/policy.ts';
export { POLICY_RULES, type PolicyRule } from './projections/policy/rule.ts';
export { type Projection, project } from './projections/projection.ts';
export type { ProjectionSet, StatesOf } from './projections/projection-set.ts';
export type { TimelineState } from './projections/timeline/timeline.ts';
export type { TimelineChange } from './projections/timeline/timeline-change.ts';
export type {
  Edition,
  EntryContent,
  PlainEvent,
  Reaction,
  TimelineEntry,
} from './projections/timeline/timeline-entry.ts';
export {
  type ContentView,
  type EntryView,
  type TimelinePage,
  timelinePage,
  timelineView,
} from './projections/timeline/timeline-page.ts';
export type { Said, TransferPhase, TransferState } from './projections/transfer-state.ts';
export type { SubTransferView, TransferView } from './projections/transfers.ts';

// Ids, errors, ports

export { type FailureCode, type FailureData, isSyncError, SyncError } from './errors.ts';
export { AccountUri, CommitId, ConversationId, DeviceId, Digest, FileId } from './ids.ts';
export type { LinkKind, Log, PeerIdentity } from './ports.ts';
