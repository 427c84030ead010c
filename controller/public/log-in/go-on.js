import { askSession } from '../core/session.js'

/**
 * Waits for a step's answer, and goes on with it. When it was refused because the half-made session is gone, `onLost` begins
 * anew; when another tab is further on, so is this one.
 */
export async function goOn(answer, { onStage, onLost }) {
  try {
    await onStage(await answer)
  } catch (error) {
    if (error.code === 'wrong-stage') return onStage(await askSession())
    if (error.isNobody && (await askSession()) === null) await onLost()
    throw error
  }
}
