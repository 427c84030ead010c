import { MAX_BATCH_MESSAGE_BYTES } from '@ankang/protocol'

/** How much of something a line may use, over time and at once. */
export interface Allowance {
  readonly perSecond: number
  readonly burst: number
}

/** What one line may do, once it is known whose it is. */
export interface LineLimits {
  /** Bytes of a PUBLISH; any other packet is short, see `controlPacketBytes`. */
  readonly publishPacketBytes: number
  readonly subscriptions: number
  readonly packets: Allowance
  readonly bytes: Allowance
  /** PUBLISHes taken from the line and not yet worked off; the next is not read before. */
  readonly inflight: number
  /** What waits in memory for a reader. A message that comes on top of it ends the line, so that nobody waits for it. */
  readonly outgoingBytes: number
}

export interface BrokerLimits {
  /** About 55 KB each with TLS. */
  readonly connections: number
  /** Lines that have not yet said who they are: waiting, shaking hands, or before CONNECT. */
  readonly unauthenticated: number
  /**
   * TLS handshakes begun; each costs 1.2 ms. A rate and not a number at once: handshakes that stand still would use up
   * the number.
   */
  readonly handshakes: Allowance
  readonly handshakeMs: number
  /** From the handshake to the whole CONNECT. */
  readonly connectMs: number
  /** CONNECT, SUBSCRIBE and all others but PUBLISH. Source: MQTT 3.1.1 §2.2.3, the remaining length. */
  readonly controlPacketBytes: number
  /** A packet once begun is whole after this and a second for every `slowestBytesPerSecond` of it. */
  readonly packetMs: number
  readonly slowestBytesPerSecond: number
  /** A piece of 64 KB that a reader has not taken after this ends its line. */
  readonly drainMs: number
  readonly keepaliveSeconds: number
  readonly willBytes: number
  /** Lines at once with one token. */
  readonly linesPerToken: number
  /** What an absent device finds when it comes back: the newest so many. */
  readonly sessionLetters: number
  readonly sessionBytes: number
  /** How often expired certificates, withdrawn tokens and overdue lines are looked for. */
  readonly sweepMs: number
  readonly device: LineLimits
  readonly tool: LineLimits
  /** Longest payload on a device's topics: JSON for people, a message among doors, a batch. */
  readonly shortPayloadBytes: number
  readonly replayPayloadBytes: number
  readonly batchPayloadBytes: number
}

const KB = 1024
const MB = 1024 * KB

export const BROKER_LIMITS: BrokerLimits = {
  connections: 4000,
  unauthenticated: 1000,
  handshakes: { perSecond: 150, burst: 4 },
  handshakeMs: 10_000,
  connectMs: 10_000,
  controlPacketBytes: 4 * KB,
  packetMs: 10_000,
  slowestBytesPerSecond: 2 * KB,
  drainMs: 10_000,
  keepaliveSeconds: 1200,
  willBytes: KB,
  linesPerToken: 8,
  sessionLetters: 100,
  sessionBytes: 256 * KB,
  sweepMs: 1000,
  device: {
    publishPacketBytes: MAX_BATCH_MESSAGE_BYTES + KB,
    subscriptions: 16,
    packets: { perSecond: 100, burst: 200 },
    bytes: { perSecond: 2 * MB, burst: 4 * MB },
    inflight: 16,
    outgoingBytes: 4 * MB,
  },
  tool: {
    publishPacketBytes: 4 * KB,
    subscriptions: 64,
    packets: { perSecond: 100, burst: 200 },
    bytes: { perSecond: 64 * KB, burst: 256 * KB },
    inflight: 1,
    outgoingBytes: 4 * MB,
  },
  shortPayloadBytes: 16 * KB,
  replayPayloadBytes: 64 * KB,
  batchPayloadBytes: MAX_BATCH_MESSAGE_BYTES,
}
