/** Says something to whoever listens instead of looking: a dialog has a line of its own, for the rest is inert beneath it. */
export function announce(text) {
  const lines = document.querySelectorAll('dialog[open] > .said')
  const line = lines[lines.length - 1] ?? document.getElementById('announce')
  line.textContent = text
}
