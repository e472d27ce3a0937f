/**
 * Every limit has its name here: sizes in bytes, times in milliseconds, the rest are counts.
 * `docs/limits.md` explains them to users, under the same headings; a check holds names and values of the two together.
 */

const KiB = 1024;
const MiB = 1024 * KiB;
const SECOND = 1000;
const MINUTE = 60 * SECOND;

// Git objects and packs

/** One git object taken in from a peer or a file. Text, certificates and pictures of a profile stay far below. */
export const GIT_OBJECT_BYTES = 16 * MiB;
/** One pack taken in from a peer: rule R1. */
export const PACK_BYTES = 256 * MiB;
/** All objects of one pack after inflating: keeps a pack bomb from filling the memory. */
export const PACK_INFLATED_BYTES = 1024 * MiB;
/** Bytes that each byte of a pack may inflate to, beyond the first `PACK_RATIO_FREE_BYTES`: texts and trees come to ten or so. */
export const PACK_RATIO = 100;
export const PACK_RATIO_FREE_BYTES = 32 * MiB;
/** Bytes made while the deltas of one pack are resolved, repeats included: keeps a pack of crossed chains from holding the processor. */
export const PACK_WORK_BYTES = 4096 * MiB;
/** Objects in one pack. */
export const PACK_OBJECTS = 5_000_000;
/** A bundle up to this size is indexed at once; a larger one in a thread of its own. */
export const BUNDLE_AT_ONCE_BYTES = 4 * MiB;
/** What indexing a bundle in that thread may take. */
export const BUNDLE_INDEX_MS = 30 * MINUTE;
/** A pack up to this size is taken apart at once; a larger one in a thread of its own. */
export const PACK_AT_ONCE_BYTES = 256 * KiB;
/** The same, in objects as its header tells them. */
export const PACK_AT_ONCE_OBJECTS = 500;
/** Idle threads that take packs in, of one process, kept for the next packs. */
export const PACK_THREADS_KEPT = 2;
/** Bytes of a pack that wait for the thread that takes it apart, which has to start first. */
export const PACK_AHEAD_BYTES = 4 * MiB;
/** A pack without its index, or the other way round, is a leftover once it is older than this. */
export const HALF_PACK_MS = 60 * MINUTE;
/** Links of a delta chain that are followed. Git itself writes at most 50. */
export const DELTA_CHAIN_LENGTH = 250;
/** Links of a delta chain that are written. */
export const DELTA_CHAIN_WRITTEN = 50;
/** Objects that a new object is tried as a delta on: the last ones of its kind. */
export const DELTA_BASES_TRIED = 8;
/** Larger objects are packed whole. */
export const DELTA_OBJECT_BYTES = 4 * MiB;
/** Own commits that are flushed together. */
export const COMMITS_STORED_AT_ONCE = 64;
/** Own commits that wait to be flushed together while further ones are being signed. */
export const COMMITS_GATHERED = 8;
/** What own commits may take up in the file that says what is in place and not flushed there yet. */
export const REDO_BYTES = 2 * MiB;
/** When so much of it has come, it is flushed where it belongs, beside what else is done. */
export const REDO_FLUSH_BYTES = 256 * KiB;
/** What a signature may add to a commit that stands there unsigned. */
export const REDO_SIGNATURE_BYTES = 8 * KiB;
/** The size that this file has at first; it doubles when it is full. */
export const REDO_FIRST_BYTES = 64 * KiB;
/** Who only reads a repository waits so long for somebody who moves its branch. */
export const REF_LOCK_WAIT_MS = SECOND;
/** It looks so often whether the branch has moved. */
export const REF_LOCK_LOOK_MS = 5;
/** While one own commit follows the other, the branch moves this long after the first of them; else at once. */
export const REF_BEHIND_MS = 100;
/** A loose object up to this size is not deflated: its file takes up one block of the disk either way. */
export const LOOSE_PLAIN_BYTES = 4000;
/** Loose objects of one repository before they are packed. */
export const LOOSE_OBJECTS = 1000;
/** Packs of one repository before small ones become one. */
export const PACKS = 32;
/** What a repository that is closed waits for a packing under way. */
export const PACKING_END_MS = 2 * SECOND;
/** Parents of one commit that are read at all; more than two are refused by rule R51. */
export const COMMIT_PARENTS = 64;
/** The header lines of a commit. A full set of parents and a signature take 4 KiB. */
export const COMMIT_HEADER_BYTES = 64 * KiB;
/** Annotated tags that lead to annotated tags. */
export const TAG_DEPTH = 8;
/** The text of a commit (its JSON body). */
export const COMMIT_MESSAGE_BYTES = 1 * MiB;
/** Objects and lists inside each other in a commit's text; where the format's other readers stop, too. */
export const COMMIT_MESSAGE_DEPTH = 1000;
/** One PEM chain in a tree or in a handshake. */
export const CERTIFICATE_BYTES = 64 * KiB;
/** Directory depth of a conversation's tree. The format's deepest path has five parts. */
export const TREE_DEPTH = 8;
/** Entries of one directory. */
export const TREE_ENTRIES = 100_000;

// Links and channels

/** One message of a channel. A long one of a file's bytes fits, with its header. */
export const CHANNEL_MESSAGE_BYTES = 257 * KiB;
/** Unread bytes a sender may have under way on one channel. */
export const CHANNEL_WINDOW_BYTES = 4 * MiB;
/** Memory of read messages that is kept for the next ones, by all links together. */
export const MESSAGE_MEMORY_BYTES = 16 * MiB;
/** Channels open at once on one link. */
export const LINK_CHANNELS = 256;
/** A channel's name. */
export const CHANNEL_NAME_BYTES = 1 * KiB;
/** The reason a channel or a link is closed for, as told to the other side. */
export const REASON_BYTES = 1 * KiB;
/** Bytes handed to a link's socket and not sent yet. Enough to keep it busy, little enough to let another channel in. */
export const LINK_WRITE_AHEAD_BYTES = 1 * MiB;
/** Frames that wait for a peer to read. A peer that asks more without reading loses its link. */
export const LINK_ANSWERS_WAITING = 16 * 1024;
/** Links held open at once. */
export const LINKS = 256;
/** Of these, to the devices of one account. */
export const LINKS_PER_ACCOUNT = 32;
/** Of these, to devices with which there is nothing in common; they are told no when they ask, and may be dialled. */
export const LINKS_OF_STRANGERS = 64;
/** A link on which nothing was heard is probed after this, and cut when the probe is not answered in the same time. */
export const HEARTBEAT_MS = 2 * SECOND;
/** How often the round trip of a link on which much is heard is measured. */
export const ROUND_TRIP_MS = 5 * SECOND;
/** A goodbye on a link, until the other side has hung up too. */
export const LINK_BYE_MS = 1 * SECOND;
/** Opening a channel. */
export const CHANNEL_OPEN_MS = 10 * SECOND;
/** Waiting for the other side to acknowledge an end marker. */
export const CHANNEL_END_MS = 30 * SECOND;

// Finding devices in the DHT

/** One look-up or announcement in the DHT. */
export const DISCOVERY_MS = 10 * SECOND;
/** Announcements in the DHT are renewed after this. They are forgotten after 20 minutes. */
export const ANNOUNCE_MS = 5 * MINUTE;
/** First wait before an announcement that failed is made again; doubled each time, up to the usual one. */
export const ANNOUNCE_AGAIN_MS = 2 * SECOND;
/** Between two looks whether the DHT still knows what was announced: doubled each time it was in vain, up to half of `ANNOUNCE_MS`. */
export const ANNOUNCED_LOOK_MS = 15 * SECOND;
/** How often is looked whether nodes of the DHT know the way to this device. */
export const FINDABLE_LOOK_MS = 5 * SECOND;
/** Keys taken from one look-up in the DHT. */
export const LOOK_UP_RESULTS = 32;
/** First wait before an account's devices are looked up again; doubled each time nobody was found. */
export const LOOK_UP_FIRST_MS = 500;
/** Longest wait between two look-ups, and the usual one while all known devices are linked. */
export const LOOK_UP_MAX_MS = 30 * SECOND;
/** First wait before a DHT that was not reached is tried again; doubled each time. */
export const DHT_REJOIN_FIRST_MS = 5 * SECOND;
/** Longest such wait. */
export const DHT_REJOIN_MAX_MS = 20 * SECOND;
/** Taking back announcements and telling peers when an engine ends. What takes longer is left to expire. */
export const GOODBYE_MS = 1 * SECOND;
/** Head start of reaching a device straight over having a node of the DHT forward what is signalled. */
export const FORWARD_HEAD_START_MS = 1 * SECOND;
/** Nodes that are asked to forward to one device, each after as long a head start. */
export const FORWARDERS_ASKED = 3;
/** Signalling streams that a node of the DHT forwards at once, and for how long each. */
export const FORWARDED_STREAMS = 256;
/** Of these, for one address. Wherever an address has a share, a /64 network of IPv6 counts as one: a machine has as many there as it likes. */
export const FORWARDED_PER_ADDRESS = 64;
/** Of these, for one range of addresses, which may all be of one owner. */
export const FORWARDED_PER_RANGE = 128;
export const FORWARDING_MS = 60 * SECOND;
/** Nodes of others that `swarmlog dht` remembers for its next start, and how often it writes them down and says how it is. */
export const DHT_NODES_KEPT = 256;
export const DHT_HEALTH_MS = 5 * MINUTE;

// Finding devices at gates

/** Free ports that are tried for a gate and a node of the DHT at one number. */
export const ENTRANCE_PORT_TRIES = 8;
/** Connections that a gate holds at once: one for each device that has entered, two for each that it forwards. */
export const GATE_CONNECTIONS = 4096;
/** Of these, from one address: behind one there may be all devices of a building. */
export const GATE_CONNECTIONS_PER_ADDRESS = 512;
/** Of these, from one such range. */
export const GATE_CONNECTIONS_PER_RANGE = 1024;
/** Topics that one device is found under at a gate. It has two. */
export const GATE_TOPICS = 8;
/** Coming in to a gate: connecting, Noise, and the first words. */
export const GATE_ENTRY_MS = 5 * SECOND;
/** First wait before a gate that was lost or not reached is tried again, of which a part is drawn; doubled each time. */
export const GATE_REENTRY_FIRST_MS = 5 * SECOND;
/** Longest such wait. A try is one TCP connection, and for who has no UDP nothing else tells that the network is back. */
export const GATE_REENTRY_MAX_MS = 20 * SECOND;
/** For how long both ends of what a gate forwards may take to come with their tickets. */
export const GATE_TICKET_MS = 5 * SECOND;
/** Bytes that a gate forwards of each end. Signals take a few ten thousand. */
export const GATE_FORWARDED_BYTES = 1 * MiB;
/** How often a device asks a gate whether it is there: NATs forget a connection on which nothing goes. */
export const GATE_PING_MS = 25 * SECOND;
/** A device that a gate has not heard of for so long has left. */
export const GATE_SILENCE_MS = 75 * SECOND;
/** A gate's answer to a question. */
export const GATE_ANSWER_MS = 3 * SECOND;
/** Head start of reaching a device by UDP over reaching it through a gate; and of gates over each other. */
export const GATE_HEAD_START_MS = 2 * SECOND;
/** Connections through gates, asked for by others, that this device is opening at once. */
export const GATE_TUNNELS_OPENING = 16;

// Finding devices on the local network

/** For how long a device has a name on the local network. Clocks may differ by as much. */
export const LAN_NAME_MS = 60 * MINUTE;
/** A look-up on the local network that nobody answers. */
export const LAN_LOOK_UP_MS = 500;
/** After the first answer on the local network, others may follow for so long. */
export const LAN_QUIET_MS = 150;
/** A device answers to one name at most so often. */
export const LAN_ANSWER_PAUSE_MS = 200;
/** What an answer on the local network says of how long it holds, in seconds; nobody relies on it. */
export const LAN_ANSWER_SECONDS = 10;

// Signalling

/** Reaching a device that was found, in whichever way. */
export const REACHING_MS = 10 * SECOND;
/** Reaching it by a stream of the DHT, straight or through a node that forwards. It is rung then, if it is there. */
export const STREAM_MS = 8 * SECOND;
/** Hearing who it is. */
export const GREETING_MS = 5 * SECOND;
/** Candidates read from one signal. */
export const SIGNAL_CANDIDATES = 32;
/** One signal, encoded. */
export const SIGNAL_BYTES = 64 * KiB;
/** Signals of one peer that wait to be looked at. */
export const SIGNALS_WAITING = 64;
/** Peers whose introduction (certificates, DHT key) is remembered as checked. */
export const INTRODUCTIONS = 1024;
/** Certificate chains of peers that are remembered as checked. */
export const KNOWN_CHAINS = 1024;
/** Peers that signal to us at once, before they have a link. */
export const SIGNAL_SESSIONS = 64;
/** Of these, from one address, which may be that of a node that forwards; and of one account. */
export const SIGNAL_SESSIONS_PER_ADDRESS = 32;
export const SIGNAL_SESSIONS_PER_ACCOUNT = 16;
/** What was said last on a signalling stream may take so long to leave. */
export const SIGNAL_FLUSH_MS = 1 * SECOND;

// Signalling by records in the DHT

/** A stream that took long to come up is kept for so long when a device was only asked who it is: it may be dialled next. */
export const STREAM_KEPT_MS = 10 * SECOND;
/** A device that wanted to reach this one by a stream, and did not within that, is about to ring. */
export const CALL_MISSED_MS = 4 * SECOND;
/** Of these so many are looked after at once. */
export const CALLS_AWAITED = 64;
/** One record that devices signal by in the DHT, sealed. */
export const RECORD_BYTES = 999;
/** Records that each side of a session may fill. */
export const RECORD_PAGES = 32;
/** Between two looks for the other side's records, when something came; half as long again each time nothing did. */
export const RECORD_LOOK_MS = 1 * SECOND;
/** Longest such wait. */
export const RECORD_LOOK_MAX_MS = 5 * SECOND;
/** Signalling by records with one device, from the ring on. */
export const RECORD_SESSION_MS = 3 * MINUTE;
/** What was said last may take so long to be put into the DHT. */
export const RECORD_FLUSH_MS = 5 * SECOND;
/** Devices that rang and signal by records at once. */
export const RECORD_SESSIONS = 16;
/** Wait before the first look for rings, and the least between two; doubled each time there was none. */
export const RING_LOOK_FIRST_MS = 2 * SECOND;
/** Longest such wait. */
export const RING_LOOK_MAX_MS = 1 * MINUTE;
/** New rings that one look reads. */
export const RINGS_PER_LOOK = 8;
/** By so much the time of a ring may differ from ours. */
export const RING_SKEW_MS = 10 * MINUTE;
/** Rings that are remembered as read, and those that were answered over a restart: more than can come in twice that time. */
export const RINGS_KEPT = 8192;
/** Where signals are slow: hearing who somebody is, for which it has to look for rings first. */
export const SLOW_GREETING_MS = 75 * SECOND;
/** Where signals are slow: a path kind that did not get anywhere, and all of them. */
export const SLOW_PATH_MS = 30 * SECOND;
export const SLOW_HANDSHAKE_MS = 60 * SECOND;

// Agreeing on a link

/** Agreeing on a link with a device that was found. */
export const DIAL_MS = 20 * SECOND;
/** A path kind that did not get anywhere. */
export const PATH_MS = 8 * SECOND;
/** Head start of each kind of path over the next. */
export const PATH_HEAD_START_MS = 300;
/** Streams that one dial may bring up on one kind of path. */
export const PATH_STREAMS = 8;
/** Of these addresses, ports that a router opened: a device has one router. */
export const PATH_MAPPED_ADDRESSES = 1;
/** Own addresses that others are told. */
export const OWN_ADDRESSES = 8;
/** How often the addresses of this machine are looked at for changes. */
export const INTERFACES_MS = 2 * SECOND;
/** Head start of one address of a device over the next (RFC 8305 §8 allows no less). */
export const ADDRESS_HEAD_START_MS = 100;
/** The answerer connects back when the dialer has not got through to it by then. */
export const CONNECT_BACK_MS = 150;
/** Incoming connections that have not finished their handshake; the oldest goes when there are more. */
export const HANDSHAKES_PENDING = 64;
/** Of these, from one address; its oldest goes when it has more. */
export const HANDSHAKES_PER_ADDRESS = 32;
/** One TLS handshake. */
export const TLS_HANDSHAKE_MS = 10 * SECOND;
/** The answerer's word on the path that the dialer chose. */
export const LINK_NOMINATION_MS = 5 * SECOND;
/** First wait, after a link came up on a path that is not the best, before better ones are tried; doubled each time. */
export const BETTER_PATH_FIRST_MS = 5 * SECOND;
/** Longest such wait. */
export const BETTER_PATH_MAX_MS = 10 * MINUTE;

// Paths by ICE

/** Pairs of candidates that an ICE agent connects. */
export const ICE_PAIRS = 16;
/** Connections that came in to an ICE agent and have not proved anything. */
export const ICE_CONNECTIONS = 16;
/** An ICE agent that has no connection by then has failed. */
export const ICE_MS = 7 * SECOND;
/** The wait for a better connection while another one works. */
export const ICE_PATIENCE_MS = 100;
/** A server's answer to from where it sees us come. */
export const ICE_REFLEXIVE_MS = 1 * SECOND;
/** The wait before two ends that connect to each other at once try again. */
export const ICE_AGAIN_MS = 200;
/** The wait for addresses at relays before a UDP path is offered without them. */
export const UDP_GATHERING_MS = 2 * SECOND;
/**
 * From the answer of a UDP path until the answerer is told the dialer's addresses, so that the dialer's check is the first to
 * get through: a check is sent within 50 ms (libjuice). Who answers begins DTLS as soon as its own check is answered, and a first flight
 * that finds the dialer not ready is lost and repeated only a second later.
 */
export const CANDIDATES_BACK_MS = 60;

// Relays

/** One message of STUN. Ours have some hundred bytes. */
export const STUN_MESSAGE_BYTES = 4 * KiB;
/** A relay's answer to a request. */
export const RELAY_REQUEST_MS = 10 * SECOND;
/** A relay's connection to a peer; the relay itself gives up after 30 s (RFC 6062 §5.2). */
export const RELAY_CONNECT_MS = 30 * SECOND;
/** Challenges of a relay that are answered for one request. */
export const RELAY_CHALLENGES = 2;
/** Connections through one relay that are being taken at once. */
export const RELAY_CONNECTIONS_BINDING = 16;
/** For how long a relay lets a peer in (RFC 8656 §9). */
export const RELAY_PERMISSION_MS = 5 * MINUTE;
/** For how long a name and password made of a relay's secret hold. */
export const RELAY_CREDENTIAL_MS = 60 * MINUTE;
/** Head start of one relay, or one way over relays, over the next. */
export const RELAY_HEAD_START_MS = 1 * SECOND;
/** The doctor's wait for a relay's place. */
export const DOCTOR_RELAY_MS = 6 * SECOND;
/** `doctor`: a STUN server's answer by UDP, and how often it is asked in that time. */
export const DOCTOR_STUN_MS = 1500;
export const DOCTOR_STUN_TRIES = 3;

// Ports that a router opens

/** For how long a router is asked to keep a port open; it is asked again at half time. */
export const MAPPING_LIFETIME_MS = 60 * MINUTE;
/** A port that a router closes again sooner is of no use; it is not asked again sooner either. */
export const MAPPING_RENEW_MIN_MS = 30 * SECOND;
/** First wait before a router that did not open a port is asked again; doubled each time, and up to half of it left out. */
export const MAPPING_RETRY_FIRST_MS = 30 * SECOND;
/** Longest such wait. */
export const MAPPING_RETRY_MAX_MS = 30 * MINUTE;
/** Ports outside that are tried when others have them. */
export const MAPPING_PORT_TRIES = 3;
/** A router's answer by UDP, about a port. */
export const ROUTER_ANSWER_MS = 2 * SECOND;
/** The question is repeated after this, and again after twice as long (RFC 6886 §3.1). */
export const ROUTER_REPEAT_FIRST_MS = 250;
/** The search for a router that speaks UPnP; it may think for 1 s before it answers. */
export const ROUTER_SEARCH_MS = 3 * SECOND;
/** One request to a router over HTTP, and its answer. */
export const ROUTER_HTTP_MS = 5 * SECOND;
export const ROUTER_ANSWER_BYTES = 128 * KiB;
/** Where the system's list of routes comes from another program: how long that may take. */
export const ROUTES_MS = 5 * SECOND;

// Exchanging commits

/** A whole exchange of commits with one device. */
export const SYNC_MS = 10 * MINUTE;
/** The other side of a sync or a transfer says nothing. */
export const SILENCE_MS = 30 * SECOND;
/** Commits one side may name as its own while both find out what is missing. */
export const NEGOTIATION_HAVES = 65_536;
/** Commits at which one side may say that its history ends: a shallow clone. */
export const SHALLOW_COMMITS = 65_536;
/** Connections that `git-serve` answers at once. */
export const GIT_CONNECTIONS = 32;
/** Of these, connections from one address. */
export const GIT_CONNECTIONS_PER_ADDRESS = 8;
/** Reaching a git server. */
export const GIT_CONNECT_MS = 10 * SECOND;
/** After the last word on a connection of git's: how long the other side may take to hang up. */
export const GIT_FAREWELL_MS = 2 * SECOND;
/** While `git-serve` counts what it is to send, it says so as often. */
export const GIT_PROGRESS_MS = 1 * SECOND;
/** Bytes a second that keep a clone from a git server, or of `git-serve`, going for longer than `SYNC_MS`. */
export const GIT_PACE_BYTES = 4 * KiB;
/** How long the others are waited for, at the least, to merge two heads, when the merge falls to one of them. */
export const MERGE_TURN_MS = 2 * SECOND;
/** The same in round trips to that device, where that is longer. */
export const MERGE_TURN_ROUND_TRIPS = 12;
/** However slow that device is. */
export const MERGE_TURN_MAX_MS = 30 * SECOND;
/** Merges of merges of merges that are told apart: each such layer doubles the waits for a merge. */
export const MERGES_STACKED = 10;
/** So many of those layers are waited for by the throw of dice; from then on each device has times of its own. */
export const MERGES_DRAWN = 3;
/** Heads of one device in one conversation that wait for the end of a pull from it. */
export const HEADS_WAITING = 16;
/** How long a head is waited for that is being fetched from another device already. */
export const PULL_HEDGE_MS = 5 * SECOND;
/** The wait after a pull that failed, doubled after each further one. */
export const PULL_RETRY_MS = SECOND;
export const PULL_RETRY_MAX_MS = 5 * MINUTE;
/** How long a device is left alone in a conversation after commits of it were refused there, doubled after each further time. */
export const REFUSED_WAIT_MS = 5 * SECOND;
/** Longest such wait. */
export const REFUSED_WAIT_MAX_MS = 60 * MINUTE;
/** A device that offered nothing bad for so long begins anew with the first wait. */
export const REFUSALS_FORGOTTEN_MS = 24 * 60 * MINUTE;

// Asking for files

/** A request that was not answered counts as failed after this. */
export const REQUEST_ANSWER_MS = 30 * SECOND;
/** First wait before a missing file is asked for again; doubled each time. */
export const REQUEST_RETRY_MS = 2 * SECOND;
/** Longest wait before a missing file is asked for again. */
export const REQUEST_RETRY_MAX_MS = 15 * MINUTE;
/** Requests of one device that are looked at within a minute. */
export const REQUESTS_PER_MINUTE = 600;
/** Devices whose requests are counted; beyond this, those that have not asked for a minute are forgotten. */
export const REQUESTING_DEVICES = 1000;
/** A device that said it does not have a file is asked for it again after this, unless it says before that it has it. */
export const UNAVAILABLE_RETRY_MS = 60 * MINUTE;
/** A request that failed on this machine, before it got anywhere, is repeated after this. */
export const LOCAL_FAILURE_RETRY_MS = 30 * SECOND;
/** Missing files that the plan looks at before it lets others run. */
export const PLAN_FILES_PER_TURN = 1000;
/** Files that are looked for on the disk, or that one wish is journalled for, in one go. */
export const FILES_PER_TURN = 256;
/** While files are fetched: between two looks at whether those that nothing happened to have anything left to wait for. */
export const FETCH_LOOK_MS = 1 * SECOND;
/** Changes of what this device holds are gathered for so long before others are told. */
export const HOLDINGS_EVERY_MS = 1 * SECOND;
/** Files named in one message about what a device holds: in base64 they stay below `CONTROL_MESSAGE_BYTES`. */
export const HOLDINGS_PER_MESSAGE = 3000;
/** Files of one conversation that a device is remembered to have, and as many that it lacks. */
export const HOLDINGS_KEPT = 200_000;
/** What a device may say otherwise than before, or of files that nobody announced here: so many words at once, and from then on so many a minute. */
export const HOLDINGS_CHANGED_AT_ONCE = 200_000;
export const HOLDINGS_CHANGED_PER_MINUTE = 100;
/** Files of one conversation in one offer, or in one answer to offers. */
export const OFFERS_PER_MESSAGE = 256;
/** Newest own files of a conversation that a device is offered when it links. */
export const OFFERED_FILES = 256;
/** Offers of files whose announcement has not arrived yet; more are not remembered. */
export const OFFERS_WAITING = 1000;
/** Offers, and answers to them, are gathered for so long. */
export const OFFERS_EVERY_MS = 100;

// Transfers

/** Bytes of a file in one channel message: chunks are whole multiples of it, and the frame's header fits beside it. */
export const TRANSFER_MESSAGE_BYTES = 128 * KiB;
/** The same to a receiver that asks for more than `SOURCE_FIRST_WINDOW_BYTES` at a time, as bytes come to it fast: half as many messages. */
export const TRANSFER_LONG_MESSAGE_BYTES = 256 * KiB;
/** Bytes read from a file, or written to one, at a time; one such batch is read ahead while the one before is sent. */
export const TRANSFER_BATCH_BYTES = 8 * TRANSFER_MESSAGE_BYTES;
/** Ranges of one file that a receiver may name in one statement. */
export const TRANSFER_RANGES = 64;
/** Ranges of a file in chunks that may wait at one source. */
export const TRANSFER_RANGES_WAITING = 4096;
/** How often a transfer looks at the clock for silence. */
export const TRANSFER_TICK_MS = 1 * SECOND;
/** At the end of a transfer: how long the other side may take to read our last word before the channel is closed. */
export const TRANSFER_FAREWELL_MS = 2 * SECOND;
/**
 * A source that owes a file brings so many bytes of it in this time, or so many small files, or loses it. Low enough that
 * a dozen transfers may share `BANDWIDTH_MIN`.
 */
export const SLOW_SOURCE_MS = 60 * SECOND;
export const SLOW_SOURCE_BYTES = 4 * KiB;
export const SLOW_SOURCE_FILES = 16;
/** Progress of one transfer is shown at most this often: two less than may be shown, so that its phases need not wait. */
export const PROGRESS_EVERY_MS = 125;
/** How often one transfer is told of within a second, changes of its phase included. */
export const PROGRESS_PER_SECOND = 10;
/** Rates that are shown follow what happened within about this time; guesses at the time that is left, within the other. */
export const RATE_SPAN_MS = 2 * SECOND;
export const ETA_SPAN_MS = 8 * SECOND;
/** The lowest limit of bandwidth, in bytes a second: transfers that share it still say something before `SILENCE_MS`. */
export const BANDWIDTH_MIN = 1 * KiB;
/** Of bandwidth that was not used, so much time's worth may follow at once. Also how soon a changed limit holds. */
export const PACE_BURST_MS = 250;
/** The smallest piece of a file that is sent under a limit of bandwidth. */
export const PACE_PIECE_BYTES_MIN = 1 * KiB;
/** Received bytes that wait to be written or hashed before the channel is paused. */
export const TRANSFER_PENDING_BYTES = 16 * MiB;
/** Progress is written to the journal each time this many more bytes are flushed to disk. */
export const TRANSFER_CHECKPOINT_BYTES = 8 * MiB;
/** But not more often than this. */
export const TRANSFER_CHECKPOINT_MS = 250;
/** Transfers received at once, and served at once to one device; twice, for quick files and for bigger ones. */
export const TRANSFERS_AT_ONCE = 8;
/** Transfers served at once to all devices, in the same way. */
export const TRANSFERS_SERVED_AT_ONCE = 4 * TRANSFERS_AT_ONCE;
/** Files up to this size never wait for bigger ones. */
export const QUICK_FILE_BYTES = 4 * MiB;
/** Sub-transfers remembered per file; the oldest that ended makes room. */
export const SUB_TRANSFERS_KEPT = 32;

// Files in chunks

/** Bytes of one chunk of a newly announced file; doubled for a file that would have more than `CHUNKS_PER_FILE`. */
export const CHUNK_BYTES = 1 * MiB;
/** The smallest and the largest chunk that an announcement may have. */
export const CHUNK_BYTES_MIN = 64 * KiB;
export const CHUNK_BYTES_MAX = 1024 * MiB;
/** Chunks of one file: their hashes fit 2 MiB. */
export const CHUNKS_PER_FILE = 65_536;
/** Chunk lists kept in memory; the files they belong to need not be hashed again. */
export const CHUNK_LISTS_BYTES = 16 * MiB;
/** Devices that serve one file at the same time. */
export const SOURCES_PER_FILE = 4;
/** What may be under way from one source of a file in chunks: as much as it sends in this time, and never more bytes than this. */
export const SOURCE_WINDOW_MS = 1 * SECOND;
export const SOURCE_WINDOW_BYTES = 32 * MiB;
/** The same before anything is known about the source. */
export const SOURCE_FIRST_WINDOW_BYTES = 4 * MiB;
/** A source's pace is taken anew after this. */
export const SOURCE_PACE_MS = 200;
/** A source that owes bytes and delivers none for this long loses its share to the others. */
export const STALL_MS = 5 * SECOND;
/** A source takes over what another one owes when it would have it so many times sooner. */
export const TAKE_OVER_FACTOR = 1.5;
/** A file in chunks whose whole is wrong although its chunks were right is read again so often, for the chunks that went bad on the disk. */
export const ASSEMBLY_RECHECKS = 2;

// Small files

/** A file up to this size is small: it travels whole, together with others. */
export const SMALL_FILE_BYTES = 64 * KiB;
/** Small files under way at once; they do not count against `TRANSFERS_AT_ONCE`. */
export const SMALL_FILES_AT_ONCE = 1024;
/** Small files named in one statement. */
export const BATCH_FILES = 256;
/** Bytes of small files that are read, or written, verified and flushed, in one go. */
export const BATCH_BYTES = 1 * MiB;
/** Batches of small files of one source that are written, or flushed, at the same time. */
export const BATCHES_PLACED_AT_ONCE = 2;
/** Small files that one device may have asked for and not confirmed on one channel. */
export const BATCH_FILES_OUTSTANDING = 4096;
/** Received bytes of small files that wait to be written before the channel is paused. */
export const BATCH_PENDING_BYTES = 4 * MiB;
/** A channel for small files on which nothing is asked any more is ended after this. */
export const BATCH_IDLE_MS = 10 * SECOND;
/** Small files of one device that are looked at within a minute. */
export const SMALL_REQUESTS_PER_MINUTE = 120_000;

// Hashing files

/** On a machine with few cores: bytes of a file that came in, and that the hash of the whole may lack before more are taken in. */
export const HASH_LAG_BYTES = 8 * MiB;
/** There, too: bytes in a second beside which a file that somebody reads is hashed. If more come, the hash waits for them. */
export const HASH_BESIDE_READING_BYTES = 64 * MiB;
/** Bytes that a hashing worker reads and hashes at a time, before another file has its turn. */
export const HASH_BATCH_BYTES = 1 * MiB;
/** The same of a file that is still being written. It says how far it has come after each, and what waits for that comes as evenly. */
export const HASH_FOLLOW_BYTES = 512 * KiB;
/** Of such a file so many are hashed, if they are there, before another file has its turn. Turns cost the thread as much as 20 KiB each. */
export const HASH_TURN_BYTES = 4 * MiB;
/** On a machine with few cores: how much less nice than other threads the one is that hashes a file while it comes, where it may be. */
export const HASH_NICENESS = 10;

// What policy says by default, and room on the disk

/** Pictures up to this size are fetched without asking the user. */
export const AUTO_ACCEPT_PICTURE_BYTES = 20 * MiB;
/** Bytes of the disk that files leave free, unless the policy says otherwise. */
export const DISK_RESERVE_BYTES = 256 * MiB;
/** Between two looks at how much the disk has left. */
export const DISK_LOOK_MS = 5 * SECOND;
/** The plan is made again when the disk has so much more, or less, than before. */
export const DISK_LOOK_BYTES = 1 * MiB;
/** A pack that comes has the disk looked at again after so many bytes. */
export const PACK_LOOK_BYTES = 4 * MiB;
/** Between two looks for files to remove in favour of one that does not fit into the quota. */
export const EVICTION_EVERY_MS = 1 * SECOND;
/** Files of one conversation that room is looked for at a time. */
export const EVICTIONS_TRIED = 16;

// An engine and its users

/** One request on the control socket, or one message on the `msg:` channel. */
export const CONTROL_MESSAGE_BYTES = 64 * KiB;
/** One answer or event on the control socket, and what may wait there for a caller that does not read. */
export const CONTROL_REPLY_BYTES = 16 * MiB;
/** The control socket's answer to a command that does not wait for anything. */
export const CONTROL_ANSWER_MS = 60 * SECOND;
/** The same to a command that is taken back, by Ctrl-C: whether it was done already. */
export const CONTROL_STOP_MS = 5 * SECOND;
/** From a change in a folder of files to the look at it: a file that is being written changes many times. */
export const SETTLE_MS = 200;
/** The display name of a file, in characters, as shown and as announced. */
export const DISPLAY_NAME_CHARACTERS = 255;
/** The display name of an account, in characters. */
export const ACCOUNT_NAME_CHARACTERS = 255;
/** A conversation's title, in characters. */
export const TITLE_CHARACTERS = 255;
/** New invitations that are looked at of one device in a minute. */
export const INVITATIONS_PER_MINUTE = 120;
/** Invitations that wait to be followed or forgotten; more are not remembered. */
export const INVITATIONS_WAITING = 1000;
/** Of these, how many one account may have sent. */
export const INVITATIONS_PER_ACCOUNT = 64;
/** Strangers whose invitations to one conversation wait. */
export const INVITERS_PER_CONVERSATION = 8;
/** Entries of one page of a timeline, unless asked otherwise. */
export const TIMELINE_PAGE = 50;

// The devices of an account

/** One revocation list of an account. */
export const REVOCATION_LIST_BYTES = 16 * KiB;
/** Revocation lists kept of one account. Each new one names all that were revoked before, so that one is the rule. */
export const REVOCATION_LISTS = 8;
/** Devices of one account that can be revoked. */
export const REVOKED_DEVICES = 256;
/** Certificates of revoked devices in one message. */
export const REVOKED_DEVICES_TOLD = 16;
/** Revocations of one device that are looked at in a minute, but for those of own devices and those that are known. */
export const REVOCATIONS_PER_MINUTE = 60;
/** A commit that bans, as it is handed to who is banned. */
export const BAN_COMMIT_BYTES = 8 * KiB;
/** Bans that a device which is turned away is handed. */
export const BANS_TOLD = 4;
/** Bans that one device tells of and that are looked at in a minute. */
export const BANS_PER_MINUTE = 60;
/** Bans of one conversation that are kept ready for those whom they concern. */
export const BANS_KEPT = 1000;
/** Devices of one account that are remembered because they were linked, and not because they wrote something. */
export const SEEN_DEVICES = 32;
/** An account's exported file. */
export const ACCOUNT_EXPORT_BYTES = 16 * MiB;
/** Conversations in one message between own devices. */
export const CONVERSATIONS_TOLD = 16;
/** People of a conversation that own devices tell each other, for it to be found without them. */
export const PEOPLE_TOLD = 32;
/** Times that a link may break under a clone before who asked for it is told. */
export const CLONE_BREAKS = 4;
/** First wait before a clone that broke, or a conversation that an own device told of, is tried again; doubled each time. */
export const CLONE_RETRY_MS = 2 * SECOND;
/** Longest such wait. */
export const CLONE_RETRY_MAX_MS = 5 * MINUTE;
/** Conversations that are cloned at the same time because an own device told of them. */
export const CLONES_AT_ONCE = 4;

// Passwords

/** What sealing the account's keys costs: with this block size 128 MiB and about half a second for each guess of a password. */
export const PASSWORD_SCRYPT_COST = 2 ** 17;
/** The most a key file may ask for: 1 GiB. */
export const PASSWORD_SCRYPT_COST_MAX = 2 ** 20;
export const PASSWORD_SCRYPT_BLOCK_SIZE = 8;
export const PASSWORD_SCRYPT_LANES = 1;

// Judging long histories

/** Signatures that are verified ahead of the commit being reported, by number and by the bytes they cover. */
export const SIGNATURES_AHEAD = 1024;
export const SIGNATURES_AHEAD_BYTES = 16 * MiB;
/** Threads that screen the commits of a long history. */
export const SCREENING_THREADS = 8;
/** How long an idle thread is kept for the next history or pack. */
export const THREAD_IDLE_MS = 30 * SECOND;
/** Objects in packs that are there already, to be screened by threads; fewer are judged sooner than a thread starts. */
export const SCREENING_OBJECTS = 4000;
/** Objects for each thread that screens them; the first one has as few as come. */
export const SCREENING_THREAD_OBJECTS = 2000;
/** The stretch of a pack that a thread screens at once, and what reading one may come to when its deltas are resolved. */
export const SCREENING_SLICE_BYTES = 256 * KiB;
export const SCREENING_WORK_BYTES = 64 * MiB;
/** Commits of a pack that came and wait for a thread that screens them, in bytes. */
export const SCREENING_AHEAD_BYTES = 32 * MiB;
/** Certificates that are read for their keys while a pack comes in. */
export const SCREENING_CERTIFICATES = 256;
/** How long a thread that screens may say nothing to what it was asked; after that it is done without. */
export const SCREENING_QUIET_MS = 60_000;

// Memory

/** Parsed commits kept while a history is checked or listed. */
export const COMMIT_CACHE_BYTES = 128 * MiB;
/** Directory entries of read trees kept for the next commits. */
export const TREE_CACHE_ENTRIES = 1_000_000;
/** Parsed certificates kept. */
export const CERTIFICATE_CACHE_COUNT = 10_000;
/** Interactions in one segment of a log's checkpoint; shorter logs have none. */
export const CHECKPOINT_SEGMENT = 1000;
/** Commits of a history that the journal is asked for, and those of them written that it lacks, before others have a turn. */
export const COMMITS_ADMITTED_PER_TURN = 1000;
/** Records that go to the journal in one piece. */
export const JOURNAL_RECORDS_AT_ONCE = 500;
/** Records since the last one that a new checkpoint of the journal is worth; while the engine runs, an eighth of all as well. */
export const JOURNAL_CHECKPOINT_RECORDS = 1000;
/** Edits, deletions and reactions of entries of a timeline whose folds are kept, in each conversation. */
export const ENTRY_FOLDS_CHANGES = 100_000;
