import { UsageError } from '@ankang/protocol'

/** The one device a command is about: as its word, or with `--device`. Throws `flag-missing`. */
export function oneDevice(flag: string | undefined, words: readonly string[], example: string): string {
  const named = [...(flag === undefined ? [] : [flag]), ...words]
  const [device] = named
  if (device !== undefined && named.length === 1) return device
  throw new UsageError('flag-missing', `应指明一台设备 expected one device, got ${named.length}, as in: ${example}`)
}
