import { onSessionEnd } from './core/api.js'
import { setWords } from './core/elements.js'
import { place } from './core/router.js'
import { logOut, may, whoIsIn } from './core/session.js'
import { roleWords } from './core/words.js'
import { LiveLine, told } from './live/live-line.js'
import { catchUp, showLink, startLiveView } from './live/live-view.js'
import { LogIn } from './log-in/log-in.js'
import { openOwnPasswordDialog } from './people/own-password-dialog.js'
import { followPlaces, showPlace } from './places.js'

const byId = id => document.getElementById(id)

/** Whose page this is: another operator gets a fresh one, with nothing left of what was here. */
let owner = null

const line = new LiveLine({
  onUp: () => {
    catchUp()
    told.dispatchEvent(new Event('up'))
  },
  onDown: () => showLink('disconnected'),
  onNobody: () => endSession(),
})

const logIn = new LogIn(() => {
  const { name, role } = whoIsIn()
  if (owner !== null && (owner.name !== name || owner.role !== role)) {
    location.reload()
    return
  }
  const isFirst = owner === null
  owner = { name, role }
  byId('who-name').textContent = name
  setWords(byId('who-role'), ...roleWords(role))
  byId('who').hidden = false
  byId('enrol').hidden = !may('device:enrol')
  line.open()
  if (isFirst) followPlaces()
  else showPlace(place())
})

/** From the press of “log out” until the fresh page is there: nobody is to type into one that is about to go. */
let isLeaving = false

function endSession() {
  line.close()
  if (isLeaving) return
  logIn.askAgain()
}

onSessionEnd(endSession)
byId('own-password').addEventListener('click', openOwnPasswordDialog)
byId('log-out').addEventListener('click', async () => {
  isLeaving = true
  line.close()
  try {
    await logOut()
  } catch {
    // the centre has forgotten the session already, or cannot be reached: this page forgets in either case
  }
  location.replace(location.pathname)
})
document.querySelector('.skip').addEventListener('click', event => {
  event.preventDefault()
  const title = byId('other').querySelector('h2')
  ;(title ?? byId('showings')).focus()
})
startLiveView()
logIn.begin()
