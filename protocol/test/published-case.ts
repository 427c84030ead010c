/** One case of `protocol/vectors/cases.json`. Source: formats.md §2, `--cases`. */
export interface PublishedCase {
  readonly name: string
  readonly text?: string
  readonly hex?: string
  /** Name of one of the file's policies. */
  readonly policy: string
  /** Unix seconds. */
  readonly at: number
  readonly site?: string
  readonly challenge?: string
  /** Instead of the file's common trust. */
  readonly trust?: unknown
  readonly expect: Readonly<Record<string, unknown>>
}
