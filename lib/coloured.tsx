import { createLowlight } from 'lowlight'
import type { ReactNode } from 'react'
import { BoundedMap } from './bounded-map'
import { GRAMMARS } from './grammars'

const lowlight = createLowlight()

/** Longer texts are shown plain: colouring them would hold the page up. */
const COLOURED_CHARACTERS = 50_000

const languages = new Map(
  Object.entries(GRAMMARS).flatMap(([language, { names = '' }]) =>
    [language, ...names.split(' ')].map((name) => [name, language]),
  ),
)

/** Loads what `coloured` has to know of a language, by its name or the ending of its file; nothing where there is none. */
export async function learn(name: string): Promise<void> {
  const language = languages.get(name) ?? ''
  const { inside = [] } = GRAMMARS[language] ?? {}
  await Promise.all([language, ...inside].map(register))
}

async function register(language: string) {
  const grammar = GRAMMARS[language]
  if (grammar && !lowlight.registered(language)) lowlight.register(language, (await grammar.load()).default)
}

const known = new BoundedMap<string, ReactNode>(100)
const KEPT_CHARACTERS = 2_000

/**
 * Source as its language colours it, by the name of that or the ending of its file; plain where nothing is known about it.
 * Colours only: every letter stays where it was.
 */
export function coloured(text: string, name: string): ReactNode {
  const language = languages.get(name) ?? ''
  if (text.length > COLOURED_CHARACTERS || !lowlight.registered(language)) return text
  const key = `${language}\n${text}`
  const before = known.get(key)
  if (before) return before
  const fresh = draw(lowlight.highlight(language, text))
  // Sources in messages, which are drawn whenever their channel is opened. Whole files are drawn once.
  if (text.length <= KEPT_CHARACTERS) known.set(key, fresh)
  return fresh
}

type Tree = ReturnType<typeof lowlight.highlight>
type Branch = Extract<Tree['children'][number], { type: 'element' }>

function draw(node: Tree | Branch): ReactNode {
  return node.children.map((child, key) => {
    if (child.type === 'text') return child.value
    if (child.type !== 'element') return null
    const names = child.properties.className
    return (
      // biome-ignore lint/suspicious/noArrayIndexKey: the text never changes
      <span key={key} className={Array.isArray(names) ? names.join(' ') : undefined}>
        {draw(child)}
      </span>
    )
  })
}
