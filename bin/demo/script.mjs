import { DAY, isAround, MINUTE, workingMoment } from './calendar.mjs'
import { makeRandom } from './random.mjs'

const WEEKS = 17

/**
 * What everybody said, oldest first: [{ id, place, author, at, body, root, reactions: [{ emoji, people }] }]. `place`
 * is the channel or conversation, `root` the id of the message a reply belongs to. Depends on nothing but the content
 * and `now`.
 */
export function writeScript({ people, channels, directs, scenes, words }, now) {
  const random = makeRandom(20_26)
  const everybody = new Map(people.map((person) => [person.key, person]))
  const bags = Object.fromEntries(Object.entries(words).map(([name, list]) => [name, random.bag(list)]))
  const script = []

  for (const place of [...channels, ...directs]) {
    const cast = membersOf(place, people).map((key) => everybody.get(key))
    for (const [group, perWeek] of [
      [place.scenes, place.week],
      ['daily', place.daily ?? 0],
    ]) {
      const draw = random.bag(scenes[group])
      for (let n = 0; n < Math.round(perWeek * WEEKS); n++) {
        const lines = play(draw(), cast, place, { random, bags, now })
        // The archived channel ended six weeks ago.
        for (const line of lines) if (place.archived) line.at -= 42 * DAY
        script.push(...lines)
      }
    }
    let at = now - 50 * MINUTE + random.below(20) * MINUTE
    for (const [author, body] of place.last ?? []) {
      at += 4 * MINUTE + random.below(5 * MINUTE)
      script.push({ place, author, at, body, root: null, reactions: [] })
    }
  }

  script.sort((a, b) => a.at - b.at)
  for (const line of script) line.id = random.uuid(line.at)
  return script.map(({ rootLine, ...line }) => ({ ...line, root: rootLine?.id ?? null }))
}

/** Keys of the members of a place. */
export function membersOf(place, people) {
  return place.members === 'all'
    ? people.filter(({ role }) => role !== 'guest').map(({ key }) => key)
    : place.members
}

function play(scene, cast, place, { random, bags, now }) {
  const lines = scene.map((text) => /^(> )?([a-d])(?::(\w+))?: ([\s\S]*?)(?: {2}::(.*))?$/.exec(text))
  const roles = castRoles(lines, cast, random, now)
  const fill = makeFiller(bags, roles)
  let { at } = roles
  let rootLine = null
  return lines.map(([, reply, role, , text, reactions]) => {
    at += (reply ? 3 : 1) * MINUTE + random.below(reply ? 25 * MINUTE : 6 * MINUTE)
    const line = {
      place,
      author: roles[role].key,
      at: Math.min(at, now - MINUTE),
      body: capitalise(fill(text)),
      rootLine: reply ? rootLine : null,
      reactions: react(reactions, cast, roles[role], random),
    }
    if (!reply) rootLine = line
    return line
  })
}

/** Who plays whom, and when: the first speaker's working day decides, the others should be awake. */
function castRoles(lines, cast, random, now) {
  const teams = new Map(lines.map(([, , role, team]) => [role, team]).filter(([, team]) => team))
  const fits = (role) => (person) => !teams.has(role) || person.team === teams.get(role)
  const first = random.pick(cast.filter(fits('a')).length > 0 ? cast.filter(fits('a')) : cast)
  let at = null
  while (at === null || at > now - 90 * MINUTE) {
    at = workingMoment(first.zone, now, random.below(WEEKS * 7), 8.3 + random.next() * 9)
  }
  const roles = { a: first, at }
  for (const role of ['b', 'c', 'd']) {
    const free = cast.filter((person) => !Object.values(roles).includes(person))
    const awake = free.filter((person) => isAround(person.zone, at))
    const fitting = awake.filter(fits(role))
    roles[role] = random.pick([fitting, awake, free, cast].find((list) => list.length > 0))
  }
  return roles
}

/** Puts words into `{…}`: the same word everywhere in a scene, except where a phrase of several kinds is asked for. */
function makeFiller(bags, roles) {
  const chosen = {}
  const fill = (text) =>
    text.replace(/\{(@?)(\w+)\}/g, (_, at, name) => {
      if (at) return `@${roles[name].email}`
      if (['did', 'will', 'mood', 'colour'].includes(name)) return fill(bags[name]())
      if (name === 'n' || name === 'percent') return bags[name]()
      chosen[name] ??= bags[name]()
      return chosen[name]
    })
  return (text) => fill(text)
}

function react(list, cast, author, random) {
  if (!list) return []
  return list.split(' ').map((entry) => {
    const [, emoji, count] = /^(\D+)(\d*)$/.exec(entry)
    const others = cast.filter((person) => person !== author)
    const people = random.shuffle(others).slice(0, Number(count || 1))
    return { emoji, people: people.map(({ key }) => key) }
  })
}

function capitalise(text) {
  return text.replace(/(^|[.:] )([a-z])/, (all, before, letter) => (before ? all : letter.toUpperCase()))
}
