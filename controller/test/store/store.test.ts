import { randomBytes } from 'node:crypto'
import { chmodSync, existsSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { EnvironmentError, UsageError } from '@ankang/protocol'
import Database from 'better-sqlite3'
import { describe, expect, it, onTestFinished } from 'vitest'
import { openStore, openStoreForReading } from '../../src/store/store.ts'
import { ingestStand } from '../fixtures/ingest-stand.ts'
import { SigningDevice } from '../fixtures/signing-device.ts'
import { tempFolder } from '../fixtures/temp-folder.ts'

function opened(file: string) {
  const store = openStore(file, { random: randomBytes })
  onTestFinished(() => store.close())
  return store
}

describe('the store', () => {
  it('syncs fully at every commit, also after a write', async () => {
    const door = new SigningDevice().write(3)
    const stand = await ingestStand([door])
    await stand.send(door, door.batch(1, 3))
    expect(stand.store.db.pragma('synchronous', { simple: true })).toBe(2)
    expect(stand.store.db.pragma('journal_mode', { simple: true })).toBe('wal')
  })

  it('is readable by its owner alone with all that stands beside it, also when it was made open to others', () => {
    const file = join(tempFolder(), 'store.sqlite')
    const modes = () => ['', '-wal', '-shm'].map(suffix => statSync(`${file}${suffix}`).mode & 0o777)
    const first = openStore(file, { random: randomBytes })
    expect(modes()).toEqual([0o600, 0o600, 0o600])
    first.close()
    chmodSync(file, 0o644)
    opened(file)
    expect(modes()).toEqual([0o600, 0o600, 0o600])
  })

  it('keeps its generation for as long as it lives, and another store has another', () => {
    const folder = tempFolder()
    const first = openStore(join(folder, 'a.sqlite'), { random: randomBytes })
    first.close()
    expect(opened(join(folder, 'a.sqlite')).generation).toEqual(first.generation)
    expect(opened(join(folder, 'b.sqlite')).generation).not.toEqual(first.generation)
    expect(first.generation).toHaveLength(8)
  })

  it('goes on after a restart where it stood', async () => {
    const door = new SigningDevice().write(6)
    const before = await ingestStand([door])
    await before.send(door, door.batch(1, 4))
    before.close()

    const after = await ingestStand([door], { file: before.file })
    expect(after.fleet.deviceViews()[0]).toMatchObject({
      storedThrough: 4,
      recordsStored: 4,
      showingsStored: 4,
      state: 'unknown',
    })
    expect(after.fleet.deviceViews()[0]?.lastShowing).toMatchObject({ seq: 4, zh: '请通行', en: 'Please go in' })
    const receipt = await after.send(door, door.batch(4, 6))
    expect(receipt).toMatchObject({ storedThrough: 6, storeGeneration: before.store.generation })
  })

  it('refuses a place in a chain twice, by itself', async () => {
    const door = new SigningDevice().write(1)
    const stand = await ingestStand([door])
    await stand.send(door, door.batch(1, 1))
    const copy = 'INSERT INTO records SELECT NULL, epoch_id, seq, type, received_ms, body_hash, link, body FROM records'
    expect(() => stand.store.db.exec(copy)).toThrow(/UNIQUE/)
  })

  it('says what to do about a file that is no store', () => {
    const file = join(tempFolder(), 'store.sqlite')
    writeFileSync(file, 'this is not a database, but long enough to look like one to nobody'.repeat(20))
    expect(() => openStore(file, { random: randomBytes })).toThrow(EnvironmentError)
    expect(() => openStore(file, { random: randomBytes })).toThrow(/restore a backup/)
  })

  it('says what to do about a folder that is not there', () => {
    expect(() => openStore('/nowhere/at/all/store.sqlite', { random: randomBytes })).toThrow(
      /check that its folder exists/,
    )
  })

  it('leaves the file of a newer program alone', () => {
    const file = join(tempFolder(), 'store.sqlite')
    const db = new Database(file)
    db.pragma('user_version = 99')
    db.close()
    expect(() => openStore(file, { random: randomBytes })).toThrow(UsageError)
    expect(() => openStoreForReading(file)).toThrow(/found 99/)
  })

  it('opened for reading makes no file and changes none', async () => {
    const folder = tempFolder()
    expect(() => openStoreForReading(join(folder, 'none.sqlite'))).toThrow(EnvironmentError)
    expect(existsSync(join(folder, 'none.sqlite'))).toBe(false)
    opened(join(folder, 'store.sqlite'))
    const reading = openStoreForReading(join(folder, 'store.sqlite'))
    onTestFinished(() => {
      reading.close()
    })
    expect(() => reading.exec('DELETE FROM meta')).toThrow(/readonly/)
  })
})
