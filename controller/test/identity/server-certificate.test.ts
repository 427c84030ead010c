import { randomBytes, X509Certificate } from 'node:crypto'
import { chmodSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { openCertificateAuthority } from '../../src/identity/certificate-authority.ts'
import { keepServerCertificate } from '../../src/identity/server-certificate.ts'
import { tempFolder } from '../fixtures/temp-folder.ts'

const DAY_MS = 86_400_000

async function kept(home: string, names: readonly string[] = ['localhost', '127.0.0.1'], nowMs = Date.now()) {
  const random = (lengthBytes: number) => new Uint8Array(randomBytes(lengthBytes))
  const authority = await openCertificateAuthority({ folder: join(home, 'ca'), nowMs: () => nowMs, random })
  return keepServerCertificate({ authority, folder: join(home, 'controller'), names, nowMs: () => nowMs })
}

describe("the server's certificate", () => {
  it('is made once, kept beside its key, and used again', async () => {
    const home = tempFolder()
    const first = await kept(home)
    expect(await kept(home)).toEqual(first)
    expect(readdirSync(join(home, 'controller')).sort()).toEqual(['server.crt', 'server.key'])
    expect(statSync(join(home, 'controller', 'server.key')).mode & 0o777).toBe(0o600)
  })

  it('is made anew when a third of its life is left, and not before', async () => {
    const home = tempFolder()
    const start = Date.now()
    const first = await kept(home, undefined, start)
    const lifeMs = first.notAfterMs - Date.parse(new X509Certificate(first.certificatePem).validFrom)
    const late = first.notAfterMs - lifeMs / 3
    expect(await kept(home, undefined, late - DAY_MS)).toEqual(first)
    expect((await kept(home, undefined, late + DAY_MS)).certificatePem).not.toBe(first.certificatePem)
  })

  it.each(['another.example.cn', '192.0.2.7'])('is made anew when it is to answer for %s too', async name => {
    const home = tempFolder()
    const first = await kept(home)
    const wider = await kept(home, ['localhost', '127.0.0.1', name])
    expect(wider.certificatePem).not.toBe(first.certificatePem)
    expect(await kept(home, ['localhost', '127.0.0.1', name])).toEqual(wider)
  })

  it('is made anew under another authority, and when it cannot be read or does not fit its key', async () => {
    const home = tempFolder()
    const first = await kept(home)
    rmSync(join(home, 'ca'), { recursive: true })
    const other = await kept(home)
    expect(other.certificatePem).not.toBe(first.certificatePem)
    writeFileSync(join(home, 'controller', 'server.key'), first.keyPem, { mode: 0o600 })
    const third = await kept(home)
    expect(third.certificatePem).not.toBe(other.certificatePem)
    writeFileSync(join(home, 'controller', 'server.crt'), 'nothing')
    expect((await kept(home)).certificatePem).not.toBe(third.certificatePem)
  })

  it('is not used with a key that others can read', async () => {
    const home = tempFolder()
    await kept(home)
    chmodSync(join(home, 'controller', 'server.key'), 0o644)
    await expect(kept(home)).rejects.toMatchObject({ code: 'key-file-open' })
  })
})
