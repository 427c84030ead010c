import { type BatchPayload, type ChainedRecord, equalBytes, type Head } from '@ankang/protocol'

/**
 * The last record that is believed of a batch whose device was revoked: those up to its trusted head, which are the same
 * records whoever sends them, since the head's link commits to them. A batch that goes past that head without having its
 * link there is believed nothing. Below `from` where no record of the batch is.
 *
 * A batch that ends before the head cannot be held against it yet. It is believed until the chain gets there: where it then
 * has another link, everything after stays out, and the contradiction shows.
 */
export function believedThrough(
  trusted: Pick<Head, 'seq' | 'link'> | null,
  { from, through }: BatchPayload,
  records: readonly ChainedRecord[],
): number {
  if (trusted === null) return 0
  if (trusted.seq < from || trusted.seq > through) return Math.min(trusted.seq, through)
  const there = records[trusted.seq - from]
  return there !== undefined && equalBytes(there.link, trusted.link) ? trusted.seq : from - 1
}
