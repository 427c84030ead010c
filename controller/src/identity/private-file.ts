import { randomBytes } from 'node:crypto'
import { link, mkdir, open, readFile, rename, rm, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { EnvironmentError, UsageError } from '@ankang/protocol'

function isMissing(error: unknown): boolean {
  return (error as { readonly code?: unknown } | null)?.code === 'ENOENT'
}

/** The text of a file, null where there is none. Throws `file-unreadable`. */
export async function readIfThere(file: string): Promise<string | null> {
  try {
    return await readFile(file, 'utf8')
  } catch (error) {
    if (isMissing(error)) return null
    throw new UsageError('file-unreadable', `cannot read ${file}; check its permissions`, {
      cause: error,
      details: { file },
    })
  }
}

/** A private key's text, null where there is none. Throws `file-unreadable`, and `key-file-open` when others can read it. */
export async function readPrivateIfThere(file: string): Promise<string | null> {
  const text = await readIfThere(file)
  if (text === null) return null
  const mode = (await stat(file)).mode & 0o777
  if ((mode & 0o077) === 0) return text
  throw new UsageError(
    'key-file-open',
    `${file}: expected to be readable by its owner alone (0600), it is 0${mode.toString(8)}; run chmod 600 on it`,
    { details: { file } },
  )
}

async function writeWhole(file: string, text: string, mode: number): Promise<void> {
  await mkdir(dirname(file), { recursive: true, mode: 0o700 })
  const handle = await open(file, 'wx', mode)
  try {
    await handle.writeFile(text)
    await handle.sync()
  } finally {
    await handle.close()
  }
}

/** Writes beside `file` under a name of its own, lets `name` name it, and leaves nothing else. Throws `file-unwritable`. */
async function besides(file: string, text: string, mode: number, name: (partial: string) => Promise<void>) {
  const partial = `${file}.${process.pid}-${randomBytes(4).toString('hex')}.partial`
  try {
    await writeWhole(partial, text, mode)
    await name(partial)
  } catch (error) {
    throw new EnvironmentError(
      'file-unwritable',
      `cannot write ${file}; check that its folder exists and may be written`,
      { cause: error, retryable: false, details: { file } },
    )
  } finally {
    await rm(partial, { force: true })
  }
}

/** Gives a file its text unless another process was first; returns what stands there then. Throws `file-unwritable`. */
export async function settleFile(file: string, text: string, mode: number): Promise<string> {
  await besides(file, text, mode, partial =>
    link(partial, file).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error
    }),
  )
  return readFile(file, 'utf8')
}

/** Gives a file its text, whatever was there: the old one or the new, never half. Throws `file-unwritable`. */
export async function replaceFile(file: string, text: string, mode: number): Promise<void> {
  await besides(file, text, mode, partial => rename(partial, file))
}
