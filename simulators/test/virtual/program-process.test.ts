import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { type ProgramListeners, ProgramProcess } from '../../src/virtual/program-process.ts'
import { temporaryFolder } from '../fixtures/temporary-folder.ts'

/** A program that does what `script` says, and then says `ready`. */
function start(script: string, listeners: ProgramListeners = {}): ProgramProcess {
  const program = join(temporaryFolder(), 'program.mjs')
  writeFileSync(program, `${script}\nconsole.log(JSON.stringify({ event: 'ready', pid: process.pid }))\n`)
  const started = new ProgramProcess({ name: 'door', program, configFile: 'none', ...listeners })
  onTestFinished(() => started.stop())
  return started
}

function readPid(line: Readonly<Record<string, unknown>>): number | null {
  return line['event'] === 'ready' ? Number(line['pid']) : null
}

function isAlive(processId: number): boolean {
  try {
    return process.kill(processId, 0)
  } catch {
    return false // the answer
  }
}

const RUNS_ON = 'setInterval(() => undefined, 1000)'

describe('a program', () => {
  it('is waited for until it says what is wanted, junk between its lines or not', async () => {
    const program = start(
      `console.log('junk'); console.log('{"cut'); console.log('{"event":"showing","seq":4}'); ${RUNS_ON}`,
    )
    const seq = await program.waitFor(
      line => (line.event === 'showing' ? Number(line['seq']) : null),
      'showing',
      20_000,
    )
    expect(seq).toBe(4)
  })

  it('that ends by itself is told of at once, with its exit code and its last words', async () => {
    let told = ''
    const program = start(`console.error('no such file: trust.json'); process.exitCode = 2`, {
      onFailed: error => {
        told = error.message
      },
    })
    const silent = program.waitFor(() => null, 'showing', 20_000)
    await expect(silent).rejects.toMatchObject({ code: 'program-ended' })
    await expect(silent).rejects.toThrow(/^door: .*exit code 2.*\n.*no such file: trust\.json/s)
    expect(told).toContain('exit code 2')
  })

  it('that says nothing is given up on, with what was waited for', async () => {
    const program = start(RUNS_ON)
    await expect(program.waitFor(() => null, '就绪 ready line', 50)).rejects.toMatchObject({
      code: 'program-silent',
      message: expect.stringContaining('ready line'),
    })
  })

  it('is asked to stop before it is made to', async () => {
    const texts: string[] = []
    const program = start(`process.on('SIGTERM', () => { console.log('flushed'); process.exit(0) }); ${RUNS_ON}`, {
      onText: text => texts.push(text),
      onFailed: error => expect.fail(error.message),
    })
    const pid = await program.waitFor(readPid, 'ready', 20_000)
    await program.stop()
    expect(texts.at(-1)).toBe('flushed')
    expect(isAlive(pid)).toBe(false)
  })

  it('takes the programs it started along when it dies', async () => {
    const program = start(
      `import('node:child_process').then(({ spawn }) => {
        const child = spawn('sleep', ['600'], { stdio: 'ignore' })
        console.log(JSON.stringify({ event: 'child', pid: child.pid }))
        setImmediate(() => process.kill(process.pid, 'SIGKILL'))
      })`,
    )
    const child = await program.waitFor(line => (line.event === 'child' ? Number(line['pid']) : null), 'child', 20_000)
    await program.stop()
    // As an orphan it may stay a zombie until it is reaped, and a zombie takes signals too.
    await expect.poll(() => isAlive(child) && !isZombie(child), { timeout: 10_000 }).toBe(false)
  })
})

function isZombie(processId: number): boolean {
  try {
    return / Z /.test(readFileSync(`/proc/${processId}/stat`, 'utf8'))
  } catch {
    return true // gone meanwhile
  }
}
