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
  /** SHA-256(link before ‖ u64be(id) ‖ SHA-256(the entry)), hex. */
  readonly link: string
}

/** Where every part of the centre leaves its trace. An entry is on disk when `append` returns. */
export interface Audit {
  append(entry: AuditEntry): AuditRecord
}
