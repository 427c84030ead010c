import { getJson, keepCsrf, onCsrfWrong, sendJson } from './api.js'

/** Who is logged in, as the centre last said; null while nobody is. */
let operator = null

/** Takes an answer of the session calls over. Returns its stage. */
function keep({ stage, csrf, operator: whoever }) {
  keepCsrf(csrf)
  operator = stage === 'full' ? whoever : null
  return { stage, name: whoever.name }
}

/** {stage, name}, or null when nobody is logged in. Throws when the centre cannot be asked. */
export async function askSession(get = getJson) {
  try {
    return keep(await get('/api/session'))
  } catch (error) {
    if (!error.isNobody) throw error
    operator = null
    return null
  }
}

export async function logIn(name, password) {
  return keep(await sendJson('POST', '/api/session', { name, password }))
}

/** `currentPassword` is asked for once the log-in is complete. */
export async function changePassword(newPassword, currentPassword) {
  const current = currentPassword === undefined ? {} : { currentPassword }
  return keep(await sendJson('POST', '/api/session/password', { newPassword, ...current }))
}

/** {uri, secret, qrSvg} */
export function askSecondFactor() {
  return getJson('/api/session/second-factor')
}

export async function proveSecondFactor(code) {
  return keep(await sendJson('POST', '/api/session/second-factor', { code }))
}

export async function logOut() {
  await sendJson('DELETE', '/api/session')
  operator = null
  keepCsrf(null)
}

export function whoIsIn() {
  return operator
}

/** What a role may not do is not shown. */
export function may(...permissions) {
  return permissions.some(permission => operator?.permissions.includes(permission) ?? false)
}

onCsrfWrong(async () => {
  const before = operator?.name
  await askSession()
  return before !== undefined && operator?.name === before
})
