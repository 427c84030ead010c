/** What a caller may cost. All in one place; tests shorten some. */
export interface HttpLimits {
  readonly connections: number
  /** Of one address, or the /64 of one. */
  readonly connectionsPerPlace: number
  readonly handshakeMs: number
  readonly headersMs: number
  /** From the first byte of a request to its last. */
  readonly requestMs: number
  readonly keepAliveMs: number
  /** How often the three above are looked at. */
  readonly checkMs: number
  readonly headerBytes: number
  readonly bodyBytes: number
  /** On routes where nobody knows who is asking. */
  readonly publicBodyBytes: number
  /** Changes tried by one place that nobody knows. */
  readonly publicPosts: { readonly burst: number; readonly perSecond: number }
  /** How long one who asks too often waits for being told so. */
  readonly turnedAwayMs: number
  /** Refusals of one actor that are written down; what goes beyond is turned away without. */
  readonly auditedRefusals: { readonly burst: number; readonly perSecond: number }
  /** Places and actors remembered for that. */
  readonly remembered: number
}

export const HTTP_LIMITS: HttpLimits = {
  connections: 1000,
  connectionsPerPlace: 200,
  handshakeMs: 10_000,
  headersMs: 10_000,
  requestMs: 20_000,
  keepAliveMs: 30_000,
  checkMs: 2000,
  headerBytes: 16 * 1024,
  bodyBytes: 64 * 1024,
  publicBodyBytes: 32 * 1024,
  publicPosts: { burst: 60, perSecond: 2 },
  turnedAwayMs: 500,
  auditedRefusals: { burst: 20, perSecond: 0.2 },
  remembered: 4096,
}
