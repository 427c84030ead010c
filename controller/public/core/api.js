const NOT_REACHED = 'not-reached'

/** Something the centre refused, or could not be asked. `code` is a literal of the API, or `not-reached`. */
export class ApiError extends Error {
  constructor(status, code, message, retryMs = null) {
    super(message)
    this.status = status
    this.code = code
    this.retryMs = retryMs
  }

  get isNobody() {
    return this.status === 401
  }
}

/** In memory and nowhere else: a page that is loaded anew asks for it again. */
let csrf = null
const endListeners = new Set()
let renewCsrf = async () => false

export function keepCsrf(token) {
  csrf = token
}

/** How to come by the token anew when another tab has changed it; answers whether the same operator is still in. */
export function onCsrfWrong(renew) {
  renewCsrf = renew
}

/** Told when the centre no longer knows who asks. */
export function onSessionEnd(listener) {
  endListeners.add(listener)
}

async function refusal(response) {
  const body = await response.json().catch(() => ({}))
  const seconds = Number(response.headers.get('retry-after'))
  const retryMs = seconds > 0 ? seconds * 1000 : null
  return new ApiError(response.status, body.error ?? `http-${response.status}`, body.message ?? '', retryMs)
}

async function ask(method, path, body, isBackground = false) {
  const headers = { accept: 'application/json' }
  if (body !== undefined) headers['content-type'] = 'application/json'
  if (isBackground) headers['x-background'] = '1'
  if (method !== 'GET' && csrf !== null) headers['x-csrf-token'] = csrf
  let response
  try {
    const content = body === undefined ? null : JSON.stringify(body)
    response = await fetch(path, { method, headers, body: content, credentials: 'same-origin', cache: 'no-store' })
  } catch {
    throw new ApiError(0, NOT_REACHED, '')
  }
  if (!response.ok) {
    const error = await refusal(response)
    // under /api/session a 401 is an answer: a wrong password, a wrong code, nobody yet
    if (error.isNobody && !path.startsWith('/api/session')) for (const listener of endListeners) listener()
    throw error
  }
  const text = await response.text()
  return text === '' ? null : JSON.parse(text)
}

export function getJson(path) {
  return ask('GET', path)
}

/** For what the page asks by itself: it does not keep alive the session of somebody who has gone away. */
export function getJsonUnasked(path) {
  return ask('GET', path, undefined, true)
}

/** Sends a change; throws an `ApiError` whose words `errorWords` knows. */
export async function sendJson(method, path, body) {
  try {
    return await ask(method, path, body)
  } catch (error) {
    if (error.code !== 'csrf-wrong' || !(await renewCsrf())) throw error
    return ask(method, path, body)
  }
}

/** A part of a path. */
export function inPath(text) {
  return encodeURIComponent(text)
}
