import { type FileHandle, open, rename, rm } from 'node:fs/promises'
import { EnvironmentError } from '@ankang/protocol'

export type Sink = (text: string) => Promise<void>

/** Runs a step that fails where the path does, and names the file then. */
async function named<T>(file: string, step: () => Promise<T>): Promise<T> {
  try {
    return await step()
  } catch (error) {
    throw new EnvironmentError(
      'file-unwritable',
      `无法写入 cannot write ${file}; check that it is no folder, and that its own folder exists and may be written`,
      { cause: error, retryable: false, details: { file } },
    )
  }
}

/**
 * Half a file must not pass for a whole one, so it gets its name at the end. `write` returns whether it is complete; where it
 * is not, nothing is left. Throws `file-unwritable`.
 */
export async function intoWholeFile(file: string, write: (sink: Sink) => Promise<boolean>): Promise<boolean> {
  const partial = `${file}.partial`
  const handle: FileHandle = await named(partial, () => open(partial, 'w'))
  let complete = false
  try {
    complete = await write(async text => {
      await handle.appendFile(text)
    })
    if (complete) await handle.sync()
  } finally {
    await handle.close()
    if (!complete) await rm(partial, { force: true })
  }
  if (!complete) return false
  try {
    await named(file, () => rename(partial, file))
  } catch (error) {
    await rm(partial, { force: true })
    throw error
  }
  return true
}
