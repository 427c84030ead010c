/** What somebody did, or tried to do. Holds no secret, and no person but the operator. */
export interface AuditEntry {
  /** An operator's name, `token:NAME`, `local:USER` at the machine itself, `device:ID`, or `system`. */
  readonly actor: string
  /** Dotted, such as `device.revoke`, `session.log-in`, `command.open-once`, `showing.look-up`. */
  readonly action: string
  /** What it was done to: a device, an operator, a showing tag. Empty where there is nothing. */
  readonly subject: string
  /** Why, in the actor's words; null where none is asked for. */
  readonly purpose: string | null
  readonly ok: boolean
  /** Short facts, as JSON values. */
  readonly detail: Readonly<Record<string, string | number | boolean | null>>
}

/** An entry with its place in the chain. */
export interface AuditRecord extends AuditEntry {
  readonly id: number
  readonly timeMs: number
  /** As `audit-chain.ts` says, hex. */
  readonly link: string
}

/** Where every part of the centre leaves its trace. An entry is on disk when `append` returns. */
export interface Audit {
  /** Too long texts are cut, see `AUDIT_LIMITS`. Inside a transaction it is part of that. */
  append(entry: AuditEntry): AuditRecord
}

/** The end of the chain: whoever notes it elsewhere can tell later whether anything before it was rewritten. */
export interface AuditWitness {
  /** 0 before the first entry. */
  readonly id: number
  /** Hex. */
  readonly link: string
}

export const AUDIT_FAULTS = ['altered', 'missing', 'moved', 'added', 'rewritten'] as const

/** Where the chain breaks first. */
export interface AuditFault {
  readonly id: number
  /**
   * `altered`: its content and its link do not fit. `missing`: no such row, at the end too. `moved`: what belongs here stands at
   * `foundAt`. `added`: a row after the newest one that the store knows of. `rewritten`: the chain holds, but its link here is
   * another than the store, or a witness, has noted.
   */
  readonly fault: (typeof AUDIT_FAULTS)[number]
  /** The link that should stand here as far as it can be known, hex. */
  readonly expected: string | null
  /** The link that stands here, hex. */
  readonly found: string | null
  /** Only of `moved`. */
  readonly foundAt: number | null
}

export interface AuditCheck {
  readonly ok: boolean
  /** As many as the store says it has written, whether or not they are there. */
  readonly records: number
  readonly newest: AuditWitness
  readonly firstFault: AuditFault | null
}

/** What an auditor looks for, from the newest entry back. */
export interface AuditSearch {
  /** Those with an id below; null for the newest. */
  readonly before: number | null
  readonly limit: number
  /** Exactly so. Left out: anybody. */
  readonly actor?: string | undefined
  /** How it begins. Left out: anything. */
  readonly action?: string | undefined
}

export interface AuditPage {
  /** Newest first; fewer than the limit, and none, also where the search has only not got far enough. */
  readonly records: readonly AuditRecord[]
  /** Where to go on, as `before`; null where nothing older is left. */
  readonly olderBefore: number | null
}

/** For auditors. */
export interface AuditReader {
  newest(): AuditWitness
  /** Newest first, those with an id below `before`; null for the newest. */
  read(before: number | null, limit: number): readonly AuditRecord[]
  /** Looks through a bounded number of entries, so that nobody has the store search for long. */
  find(search: AuditSearch): AuditPage
  /** Walks the whole chain, giving way to others. `witness`: an end noted earlier, that must still be part of it. */
  check(witness?: AuditWitness): Promise<AuditCheck>
}
