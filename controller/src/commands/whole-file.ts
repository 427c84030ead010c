import { type FileHandle, open, rename, rm } from 'node:fs/promises'
import { EnvironmentError } from '@ankang/protocol'

export type Sink = (text: string) => Promise<void>

async function openOut(file: string): Promise<FileHandle> {
  try {
    return await open(file, 'w')
  } catch (error) {
    throw new EnvironmentError(
      'file-unwritable',
      `cannot write ${file}; check that its folder exists and may be written`,
      {
        cause: error,
        retryable: false,
        details: { file },
      },
    )
  }
}

/**
 * Half a file must not pass for a whole one, so it gets its name at the end. `write` returns whether it is complete; where it
 * is not, nothing is left. Throws `file-unwritable`.
 */
export async function intoWholeFile(file: string, write: (sink: Sink) => Promise<boolean>): Promise<boolean> {
  const partial = `${file}.partial`
  const handle = await openOut(partial)
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
  if (complete) await rename(partial, file)
  return complete
}
