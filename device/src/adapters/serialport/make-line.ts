import { read } from 'node:fs'
import { promisify } from 'node:util'
import { EnvironmentError } from '@ankang/protocol'
import { SerialPort } from 'serialport'

type OpenPort = Awaited<ReturnType<typeof SerialPort.binding.open>>
type UnixPort = Extract<OpenPort, { readonly poller: unknown }>

const readFile = promisify(read)

/**
 * A serial line that notices when it is cut. Left to itself the library takes "nothing more will ever come" (a read of
 * no bytes, which is how Linux reports a line that was hung up) for "nothing yet" and asks again for ever, at full speed
 * and without a word. Source: github.com/serialport/bindings-cpp, issue 162.
 */
export function makeLine(path: string, baudRate: number): SerialPort {
  const line = new SerialPort({ path, baudRate, autoOpen: false })
  // Before anybody else listens: the stream's own first read waits for the same event.
  line.once('open', () => {
    const port: OpenPort | undefined = line.port
    if (port !== undefined && 'poller' in port)
      port.read = (buffer, offset, length) => readUnix(port, buffer, offset, length)
  })
  return line
}

async function readUnix(port: UnixPort, buffer: Buffer, offset: number, length: number) {
  for (;;) {
    try {
      const { bytesRead } = await readFile(openFd(port), buffer, offset, length, null)
      if (bytesRead === 0) throw hungUp('was cut')
      return { bytesRead, buffer }
    } catch (error) {
      if (!isNothingYet(error)) throw error
    }
    openFd(port) // closed meanwhile, its poller is gone with it
    await readable(port)
  }
}

/** Throws what the stream takes for an end that was asked for. */
function openFd(port: UnixPort): number {
  if (port.fd === null) throw Object.assign(hungUp('was closed'), { canceled: true })
  return port.fd
}

function readable(port: UnixPort): Promise<void> {
  return new Promise((resolve, reject) => {
    port.poller.once('readable', (error: Error | null) => (error === null ? resolve() : reject(error)))
  })
}

function isNothingYet(error: unknown): boolean {
  return error instanceof Error && 'code' in error && ['EAGAIN', 'EWOULDBLOCK', 'EINTR'].includes(String(error.code))
}

function hungUp(how: string): EnvironmentError {
  return new EnvironmentError('line-hung-up', `the line ${how} at its other end`, { retryable: true })
}
