import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, rmSync, symlinkSync } from 'node:fs'
import { dirname } from 'node:path'
import { createInterface } from 'node:readline'
import { EnvironmentError } from '@ankang/protocol'

/*
 * Node cannot open a PTY; python3, which the installation needs anyway, can. The child holds both ends and relays
 * between the master and its own stdin and stdout. It ends, and unplugs the line, when its stdin closes. Packets are
 * cut there, in a tight loop: cut in a busy event loop they would come with gaps that no scanner makes.
 */
const RELAY = `
import os, select, sys, tty
master, slave = os.openpty()
tty.setraw(slave)
os.write(2, (os.ttyname(slave) + "\\n").encode())
PACKET = int(sys.argv[1])
def pass_on(to, data):
    while data:
        data = data[os.write(to, data[:PACKET]):]
while True:
    for source in select.select([0, master], [], [])[0]:
        data = os.read(source, 4096)
        if not data:
            sys.exit(0)
        pass_on(master if source == 0 else 1, data)
`
/** A USB serial scanner delivers in packets of this size. */
const PACKET_BYTES = 64
const OPEN_TIMEOUT_MS = 10_000

/** A serial line that the kernel believes in: what is written here comes out of `path`, as from a scanner. */
export class PtyPair {
  /** The device's end: a link to `/dev/pts/…`, as by-id links are for real scanners. */
  readonly path: string
  readonly #relay: ChildProcess

  private constructor(path: string, relay: ChildProcess) {
    this.path = path
    this.#relay = relay
  }

  /**
   * `link` is made, and goes with the line: the kernel soon gives an unplugged line's number to another one, which a
   * device that tries again by number would take from whoever has it now. Throws `pty-unavailable`.
   */
  static async open(link: string): Promise<PtyPair> {
    // A session of its own: Ctrl-C in the terminal is for us to pass on, in order.
    const relay = spawn('python3', ['-c', RELAY, String(PACKET_BYTES)], {
      stdio: ['pipe', 'pipe', 'pipe'],
      detached: true,
    })
    const path = await new Promise<string | null>((resolve, reject) => {
      const timer = setTimeout(() => resolve(null), OPEN_TIMEOUT_MS)
      timer.unref()
      relay.once('error', reject)
      relay.once('exit', () => resolve(null))
      createInterface(relay.stderr).once('line', resolve)
    }).catch((error: unknown) => failed(error))
    if (path?.startsWith('/dev/') !== true) {
      relay.kill('SIGKILL')
      return failed(path)
    }
    // Writing to a line that was just unplugged is no fault of ours; the write's own callback says so.
    relay.stdin.on('error', () => undefined)
    const pair = new PtyPair(link, relay)
    try {
      mkdirSync(dirname(link), { recursive: true })
      rmSync(link, { force: true })
      symlinkSync(path, link)
      return pair
    } catch (error) {
      await pair.close()
      throw error
    }
  }

  /** Resolves when the bytes are on their way into the line. Throws `pty-unplugged`. */
  async write(bytes: Uint8Array): Promise<void> {
    const { stdin } = this.#relay
    await new Promise<void>((resolve, reject) => {
      const unplugged = (cause: unknown) =>
        reject(
          new EnvironmentError('pty-unplugged', `虚拟串口已断开 · the virtual line ${this.path} is unplugged`, {
            cause,
            retryable: false,
          }),
        )
      if (stdin === null || stdin.destroyed) return unplugged(null)
      stdin.write(bytes, error => (error ? unplugged(error) : resolve()))
    })
  }

  /** What the device's end sends, such as a scanner's configuration frames. */
  onData(listener: (bytes: Uint8Array) => void): void {
    this.#relay.stdout?.on('data', listener)
  }

  /** Unplugs the line: the device's end hangs up. */
  async close(): Promise<void> {
    rmSync(this.path, { force: true })
    if (this.#relay.exitCode !== null || this.#relay.signalCode !== null) return
    const exited = once(this.#relay, 'exit')
    this.#relay.kill('SIGKILL')
    await exited
  }
}

function failed(cause: unknown): never {
  throw new EnvironmentError(
    'pty-unavailable',
    `无法建立虚拟串口:需要 python3 · cannot make a virtual serial line: python3 is needed (${String(cause)})`,
    { cause, retryable: false },
  )
}
