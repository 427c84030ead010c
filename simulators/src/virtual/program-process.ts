import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { EnvironmentError, parseJson } from '@ankang/protocol'
import * as v from 'valibot'

const KEPT_LINES = 12
const STOP_TIMEOUT_MS = 15_000
const LINE = v.looseObject({ event: v.optional(v.string()) })

/** One line of a program's log. */
export type LogLine = v.InferOutput<typeof LINE>

/** Whoever wants to hear of a program while it runs. */
export interface ProgramListeners {
  /** Told of everything the program prints. */
  readonly onText?: ((text: string) => void) | undefined
  /** Told when the program has ended and nobody asked it to. */
  readonly onFailed?: ((error: EnvironmentError) => void) | undefined
}

export interface ProgramOptions extends ProgramListeners {
  /** As people call it, such as `hall-door-1`. */
  readonly name: string
  readonly program: string
  readonly configFile: string
  readonly flags?: readonly string[]
  readonly onLine?: (line: LogLine) => void
}

interface Waiter {
  take(line: LogLine): boolean
  fail(error: EnvironmentError): void
}

/** A program of this project as a child process, followed by its log. It is never left behind. */
export class ProgramProcess {
  readonly name: string
  readonly #child: ChildProcess
  readonly #closed: Promise<unknown>
  readonly #waiters = new Set<Waiter>()
  readonly #lastLines: string[] = []
  #stopping = false
  readonly #onText: ((text: string) => void) | undefined

  constructor({ name, program, configFile, flags = [], onLine, onText, onFailed }: ProgramOptions) {
    this.name = name
    // A session of its own: Ctrl-C in the terminal is for us to pass on, in order.
    this.#child = spawn(process.execPath, [program, '--config', configFile, ...flags], {
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
      // Settings meant for a program started by hand would turn this one away from what it is configured for.
      env: Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('ANKANG_'))),
    })
    this.#closed = once(this.#child, 'close')
    process.once('exit', this.#kill)
    this.#onText = onText
    this.#follow(onLine, onFailed)
  }

  /** Its process id; 0 when it could not be started. */
  get pid(): number {
    return this.#child.pid ?? 0
  }

  /** The first line from now on that `read` makes something of. Throws `program-silent`, `program-ended`. */
  waitFor<T>(read: (line: LogLine) => T | null, what: string, timeoutMs: number): Promise<T> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => waiter.fail(this.#silent(what, timeoutMs)), timeoutMs)
      const done = () => {
        clearTimeout(timer)
        this.#waiters.delete(waiter)
      }
      const waiter: Waiter = {
        take: line => {
          const result = read(line)
          if (result === null) return false
          done()
          resolve(result)
          return true
        },
        fail: error => {
          done()
          reject(error)
        },
      }
      this.#waiters.add(waiter)
      if (this.#child.exitCode !== null || this.#child.signalCode !== null) waiter.fail(this.#endedFault())
    })
  }

  /** Asks the program to stop and waits for it; one that does not stop is ended. */
  async stop(): Promise<void> {
    this.#stopping = true
    const timer = setTimeout(this.#kill, STOP_TIMEOUT_MS)
    this.#child.kill('SIGTERM')
    await this.#closed
    clearTimeout(timer)
  }

  /** The whole group: a camera's command goes with its device. */
  readonly #kill = (): void => {
    if (this.#child.pid === undefined) return
    try {
      process.kill(-this.#child.pid, 'SIGKILL')
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
    }
  }

  #follow(onLine: ProgramOptions['onLine'], onFailed: ProgramOptions['onFailed']): void {
    const { stdout, stderr } = this.#child
    if (stderr !== null) createInterface(stderr).on('line', text => this.#keep(text))
    if (stdout !== null)
      createInterface(stdout).on('line', text => {
        this.#keep(text)
        const line = readLine(text)
        if (line === null) return
        onLine?.(line)
        for (const waiter of [...this.#waiters]) waiter.take(line)
      })
    this.#child.once('error', error => this.#keep(error.message))
    this.#child.once('close', () => {
      process.off('exit', this.#kill)
      this.#kill()
      for (const waiter of [...this.#waiters]) waiter.fail(this.#endedFault())
      if (!this.#stopping) onFailed?.(this.#endedFault())
    })
  }

  #keep(text: string): void {
    this.#onText?.(text)
    this.#lastLines.push(text)
    if (this.#lastLines.length > KEPT_LINES) this.#lastLines.shift()
  }

  #silent(what: string, timeoutMs: number): EnvironmentError {
    return this.#fault(
      'program-silent',
      `${timeoutMs / 1000} 秒内没有 ${what} · no ${what} within ${timeoutMs / 1000} s`,
    )
  }

  #endedFault(): EnvironmentError {
    const how = this.#child.signalCode ?? `exit code ${this.#child.exitCode}`
    return this.#fault('program-ended', `程序已退出(${how}) · the program has ended (${how})`)
  }

  #fault(code: string, what: string): EnvironmentError {
    const lines = this.#lastLines.map(line => `\n    ${line}`).join('')
    return new EnvironmentError(code, `${this.name}: ${what}; 最后的日志 · its last lines:${lines || ' (none)'}`, {
      retryable: false,
      details: { program: this.name, exitCode: this.#child.exitCode },
    })
  }
}

/** A log line; anything else a program prints is kept for the error message only. */
function readLine(text: string): LogLine | null {
  if (!text.startsWith('{')) return null
  try {
    const line = v.safeParse(LINE, parseJson(text, { code: 'log-line-invalid', source: 'log' }))
    return line.success ? line.output : null
  } catch {
    return null // a line cut by a crash; the crash is what gets reported
  }
}
