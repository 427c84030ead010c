import { execFileSync } from 'node:child_process'
import { closeSync, constants, openSync, rmSync } from 'node:fs'
import { Socket } from 'node:net'
import { EnvironmentError } from '@ankang/protocol'

/**
 * The writing end of a named pipe of raw frames. A reader that goes away loses the frame it was in; the next one starts
 * at the top of a frame, because this end closes with the reader's and so leaves nothing behind in the pipe.
 */
export class FramePipe {
  readonly #path: string
  #socket: Socket | null = null

  private constructor(path: string) {
    this.#path = path
  }

  /** Makes the pipe anew. Throws `pipe-unavailable`. */
  static make(path: string): FramePipe {
    try {
      rmSync(path, { force: true })
      execFileSync('mkfifo', ['-m', '600', path], { stdio: 'pipe' })
    } catch (error) {
      throw new EnvironmentError(
        'pipe-unavailable',
        `无法建立虚拟摄像头 ${path} · cannot make the virtual camera's pipe ${path}`,
        { cause: error, retryable: false, details: { path } },
      )
    }
    return new FramePipe(path)
  }

  /** Whether the whole frame went to a reader. */
  async write(frame: Uint8Array): Promise<boolean> {
    const socket = this.#connect()
    if (socket === null) return false
    return new Promise(resolve => {
      const gone = () => resolve(false)
      socket.once('close', gone)
      socket.write(frame, error => {
        socket.off('close', gone)
        resolve(error === null || error === undefined)
      })
    })
  }

  close(): void {
    this.#socket?.destroy()
    this.#socket = null
    rmSync(this.#path, { force: true })
  }

  /** Opening without waiting fails while nobody reads; that is the answer, not a fault. */
  #connect(): Socket | null {
    if (this.#socket !== null && !this.#socket.destroyed) return this.#socket
    let file: number
    try {
      file = openSync(this.#path, constants.O_WRONLY | constants.O_NONBLOCK)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENXIO') return null
      throw error
    }
    try {
      this.#socket = new Socket({ fd: file, readable: false, writable: true })
    } catch (error) {
      closeSync(file)
      throw error
    }
    // The reader went away: said by the write's own result.
    this.#socket.on('error', () => undefined)
    return this.#socket
  }
}
