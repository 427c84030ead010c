import { closeSync, fsyncSync, linkSync, openSync, renameSync, rmSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'

/* Files that survive a power cut whole, or are not there. Each function throws what the system says. */

function whileOpen(path: string, flags: 'r' | 'wx', mode: number, run: (file: number) => void): void {
  const file = openSync(path, flags, mode)
  try {
    run(file)
  } finally {
    closeSync(file)
  }
}

function syncFolderOf(path: string): void {
  whileOpen(dirname(path), 'r', 0, fsyncSync)
}

/** Writes beside `path`, with a name of this process alone, and hands the finished file to `place`. */
function viaDraft(path: string, content: Uint8Array | string, mode: number, place: (draft: string) => void): void {
  const draft = `${path}.${process.pid}.draft`
  rmSync(draft, { force: true }) // of an earlier process with this number, killed
  try {
    whileOpen(draft, 'wx', mode, file => {
      const bytes = Buffer.from(content)
      for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at)
      fsyncSync(file)
    })
    place(draft)
  } finally {
    rmSync(draft, { force: true })
  }
  syncFolderOf(path)
}

/** Puts `content` in the place of whatever is at `path`. */
export function replaceFile(path: string, content: Uint8Array | string, mode: number): void {
  viaDraft(path, content, mode, draft => renameSync(draft, path))
}

/** Writes `path` where there is none; false where there is one, which stays as it is. */
export function settleFile(path: string, content: Uint8Array | string, mode: number): boolean {
  let isOurs = true
  viaDraft(path, content, mode, draft => {
    try {
      linkSync(draft, path)
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
      isOurs = false
    }
  })
  return isOurs
}

export function removeFile(path: string): void {
  rmSync(path, { force: true })
  syncFolderOf(path)
}
