'use client'

import { clsx } from 'clsx'
import { type KeyboardEvent, type Ref, useId, useImperativeHandle, useRef } from 'react'
import { useTranslations } from 'use-intl'
import { SearchField } from '@/ui/search-field'
import { complete } from './completion'
import { type Complete, type Completion, useCompletion } from './use-completion'

export type SearchBoxHandle = { insert(text: string): void; focus(): void }

type Props = {
  ref?: Ref<SearchBoxHandle>
  text: string
  /** `settled`: it was not typed letter by letter, and need not wait for more. */
  onText(text: string, settled: boolean): void
  completions: Complete
  /** Down, past what is offered. */
  onDown(): void
}

/** One line for words and filters, with what fits under it. */
export function SearchBox({ ref, text, onText, completions, onDown }: Props) {
  const t = useTranslations('search')
  const id = useId()
  const box = useRef<HTMLDivElement>(null)
  const { typing, list, open, active, look, close, move } = useCompletion(completions)
  const input = () => box.current?.querySelector('input') ?? null

  const write = (next: string, caret: number) => {
    onText(next, true)
    const field = input()
    field?.focus()
    // After React has written the value.
    requestAnimationFrame(() => {
      field?.setSelectionRange(caret, caret)
      look(next, caret)
    })
  }
  const pick = (item: Completion) => {
    if (!typing) return
    const done = complete(text, typing, item.insert)
    write(done.text, done.caret)
  }
  useImperativeHandle(ref, () => ({
    insert(more) {
      const next = text && !text.endsWith(' ') ? `${text} ${more}` : text + more
      write(next, next.length)
    },
    focus: () => input()?.focus(),
  }))

  const keys = (event: KeyboardEvent) => {
    if (event.nativeEvent.isComposing) return
    const chosen = open ? list[active] : undefined
    const take = () => event.preventDefault()
    if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      if (open) {
        take()
        move(event.key === 'ArrowDown' ? 1 : -1)
      } else if (event.key === 'ArrowDown') {
        take()
        onDown()
      }
    } else if ((event.key === 'Enter' || event.key === 'Tab') && chosen && !event.shiftKey) {
      take()
      pick(chosen)
    } else if (event.key === 'Enter') {
      take()
      close()
      onText(text, true)
    } else if (event.key === 'Escape' && open) {
      take()
      close()
    }
  }
  return (
    <div ref={box} className="relative">
      <SearchField
        label={t('label')}
        value={text}
        maxLength={1000}
        data-search
        data-region-start
        role="combobox"
        aria-expanded={open}
        aria-controls={open ? id : undefined}
        aria-autocomplete="list"
        aria-activedescendant={open && active >= 0 ? `${id}-${active}` : undefined}
        onChange={(value) => {
          onText(value, value === '')
          look(value, input()?.selectionStart ?? value.length)
        }}
        onKeyDown={keys}
        onBlur={close}
      />
      {open && (
        <div
          id={id}
          role="listbox"
          aria-label={t('completions')}
          className="absolute inset-x-0 top-full z-20 mt-1 max-h-80 animate-appear overflow-y-auto rounded-card border bg-float p-1 shadow-float"
        >
          {list.map((item, index) => (
            <div
              key={item.key}
              id={`${id}-${index}`}
              role="option"
              tabIndex={-1}
              aria-selected={index === active}
              // Before the field loses the focus.
              onPointerDown={(event) => {
                event.preventDefault()
                pick(item)
              }}
              className={clsx(
                'flex h-9 cursor-default items-center gap-2.5 rounded-control px-2 text-nav leading-5 pointer-coarse:h-11',
                index === active ? 'bg-hover' : 'hover:bg-fill',
              )}
            >
              {item.icon && <span className="grid w-6 shrink-0 place-items-center">{item.icon}</span>}
              <bdi className="truncate font-medium">{item.label}</bdi>
              {item.note && <bdi className="truncate text-quiet">{item.note}</bdi>}
            </div>
          ))}
        </div>
      )}
    </div>
  )
}
