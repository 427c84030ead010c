import { fromTemplate, setSymbol, setWords } from '../core/elements.js'
import { clockText, OUTCOME_WORDS, STAGE_WORDS } from '../core/words.js'

/** Names one showing; a redelivered event is the same showing. */
export function showingKey({ device, epoch, seq }) {
  return `${device}/${epoch}/${seq}`
}

function stageCells(stages) {
  return Object.entries(STAGE_WORDS).map(([stage, [zh, en]]) => {
    const cell = document.createElement('div')
    const label = document.createElement('dt')
    const value = document.createElement('dd')
    setWords(label, zh, en)
    value.textContent = stages[stage].toFixed(1)
    cell.append(label, value)
    return cell
  })
}

/** What the scene has to say of it. */
function showNote(row, { zh, en }) {
  const note = row.querySelector('.note')
  row.classList.add('noted')
  note.hidden = false
  setWords(note, zh, en)
}

/** One line of the stream. It never changes once made. */
export function showingRow(showing, nowMs) {
  const row = fromTemplate('showing-template')
  const [outcomeZh, outcomeEn] = OUTCOME_WORDS[showing.outcome]
  row.dataset.signal = showing.signalColour
  row.dataset.outcome = showing.outcome
  setSymbol(row, showing.symbol)
  row.querySelector('.zh').textContent = showing.zh
  row.querySelector('.en').textContent = showing.en
  if (showing.note !== null) showNote(row, showing.note)
  setWords(row.querySelector('.outcome'), outcomeZh, outcomeEn)
  row.querySelector('.where').textContent = showing.device
  const time = row.querySelector('time')
  time.dateTime = new Date(showing.timeMs).toISOString()
  time.textContent = clockText(showing.timeMs, nowMs)
  row.querySelector('.trust').hidden = showing.timeTrust === 'synced'
  if (showing.stages !== null) row.querySelector('.stages').replaceChildren(...stageCells(showing.stages))
  return row
}
