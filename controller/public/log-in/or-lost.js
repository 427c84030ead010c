import { askSession } from '../core/session.js'

/** Waits for a step's answer. When it was refused because the half-made session is gone, `onLost` begins anew. */
export async function orLost(answer, onLost) {
  try {
    return await answer
  } catch (error) {
    if (error.isNobody && (await askSession()) === null) await onLost()
    throw error
  }
}
