import type { Token } from 'markdown-it'
import { createElement, Fragment, type ReactNode } from 'react'
import { safeLink } from '@/lib/markdown/safe-link'
import { CodeBlock } from './code-block'
import { EmojiName } from './emoji-name'
import { MessageLink } from './message-link'
import { Reference } from './reference'

export type TextContext = { mentions: readonly string[]; mentionsAll: boolean }

type Frame = { open: Token | null; children: ReactNode[] }

const LOOKS: Record<string, [tag: string, className?: string]> = {
  paragraph: ['p'],
  heading: ['p', 'font-semibold'],
  bullet_list: ['ul', 'list-disc ps-6'],
  ordered_list: ['ol', 'list-decimal ps-6'],
  list_item: ['li', 'ps-0.5'],
  blockquote: ['blockquote', 'my-0.5 grid gap-1 border-line-strong border-s-[3px] ps-3 text-soft'],
  // Breaking anywhere would let a narrow window take every cell apart; a wide table scrolls instead.
  table: ['table', 'w-max max-w-full border-collapse text-sm [overflow-wrap:break-word]'],
  thead: ['thead', 'text-start'],
  tbody: ['tbody'],
  tr: ['tr'],
  th: ['th', 'border px-2 py-1 text-start font-semibold bg-fill'],
  td: ['td', 'border px-2 py-1 align-top'],
  strong: ['strong', 'font-semibold'],
  em: ['em'],
  s: ['s'],
}

/** Tokens as React elements: nothing in a message ever becomes markup of the page. */
export function renderTokens(tokens: readonly Token[], context: TextContext, tail?: ReactNode): ReactNode[] {
  const last = tokens.at(-1)
  const stack: Frame[] = [{ open: null, children: [] }]
  const top = () => stack[stack.length - 1] as Frame
  const add = (node: ReactNode) => {
    const frame = top()
    frame.children.push(<Fragment key={frame.children.length}>{node}</Fragment>)
  }
  for (const token of tokens) {
    if (token.nesting === 1) stack.push({ open: token, children: [] })
    else if (token.nesting === -1 && stack.length > 1) {
      // What stands after the text stands in its last line.
      if (tail && token === last && token.type === 'paragraph_close') add(tail)
      const { open, children } = stack.pop() as Frame
      if (open) add(element(open, children))
    } else if (token.nesting === 0) add(leaf(token, context))
  }
  if (tail && last?.type !== 'paragraph_close') add(tail)
  return (stack[0] as Frame).children
}

function leaf(token: Token, context: TextContext): ReactNode {
  switch (token.type) {
    case 'inline':
      return renderTokens(token.children ?? [], context)
    case 'text':
    case 'text_special':
      return token.content
    case 'softbreak':
    case 'hardbreak':
      return <br />
    case 'code_inline':
      return (
        <code className="break-words rounded-[4px] border bg-sunken px-1 py-px font-mono text-[0.86em]">
          {token.content}
        </code>
      )
    case 'fence':
    case 'code_block':
      return (
        <CodeBlock
          code={token.content.replace(/\n$/, '')}
          language={token.info.trim().split(/\s/)[0] ?? ''}
        />
      )
    case 'hr':
      return <hr className="my-2" />
    case 'reference':
      return (
        <Reference
          sigil={token.markup}
          name={token.content}
          mentions={context.mentions}
          all={context.mentionsAll}
        />
      )
    case 'emoji':
      return <EmojiName name={token.content} />
    default:
      return token.content
  }
}

function element(open: Token, children: ReactNode[]): ReactNode {
  const name = open.type.replace(/_open$/, '')
  if (name === 'link') {
    const href = safeLink(String(open.attrGet('href') ?? ''))
    return href ? <MessageLink href={href}>{children}</MessageLink> : children
  }
  // Items of a tight list hold paragraphs that are not drawn as such.
  if (name === 'paragraph' && open.hidden) return children
  const [tag, className] = LOOKS[name] ?? ['span']
  const start = name === 'ordered_list' ? Number(open.attrGet('start') ?? 1) : undefined
  const align = /text-align:(left|right|center)/.exec(String(open.attrGet('style') ?? ''))?.[1]
  const style = align ? { textAlign: align } : undefined
  const node = createElement(tag, { className, start, style }, ...children)
  return name === 'table' ? <div className="my-1 max-w-full overflow-x-auto">{node}</div> : node
}
