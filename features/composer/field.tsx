'use client'

import {
  type ClipboardEvent,
  type KeyboardEvent,
  type RefObject,
  useId,
  useLayoutEffect,
  useRef,
} from 'react'
import { FORMATS, formatOf } from './format-keys'
import { applyEdit } from './insert-text'
import { useSendWith } from './preferences'
import { sends } from './send-key'
import { SuggestionList } from './suggestion-list'
import { insideFence, isUrl, link } from './text-edits'
import { findTrigger } from './trigger'
import { type Suggest, type Suggestion, useSuggestions } from './use-suggestions'

type Props = {
  fieldRef: RefObject<HTMLTextAreaElement | null>
  value: string
  onChange(value: string): void
  onSubmit(): void
  onEscape?(): void
  /** Up in an empty field. */
  onUp?(): void
  /** Files that were pasted. */
  onFiles?(files: File[]): void
  suggest: Suggest
  label: string
  placeholder?: string
  describedBy?: string
  invalid?: boolean
}

const GROWS_BY_ITSELF = typeof CSS !== 'undefined' && CSS.supports('field-sizing', 'content')
const isTouch = () => window.matchMedia('(pointer: coarse)').matches

/** The growing text field of the composer and of inline editing: keys, completion, formats. */
export function Field(props: Props) {
  const { fieldRef, value, onChange, suggest } = props
  const id = useId()
  const sendWith = useSendWith()
  const suggestions = useSuggestions(suggest)
  const entered = useRef(false)

  useLayoutEffect(() => {
    const field = fieldRef.current
    if (GROWS_BY_ITSELF || !field) return
    field.style.height = 'auto'
    field.style.height = `${value ? field.scrollHeight : 0}px`
  }, [value, fieldRef])

  const lookAround = (field: HTMLTextAreaElement) => {
    const caret = field.selectionStart
    const plain = field.selectionEnd === caret && !insideFence(field.value, caret)
    suggestions.look(plain ? findTrigger(field.value, caret) : null)
  }

  const pick = (suggestion: Suggestion) => {
    const field = fieldRef.current
    const { trigger } = suggestions
    if (!field || !trigger) return
    const insert = `${suggestion.insert} `
    const end = trigger.from + insert.length
    applyEdit(field, { from: trigger.from, to: field.selectionStart, insert, select: [end, end] })
    suggestions.close()
  }

  const chooses = (event: KeyboardEvent) => {
    const active = suggestions.list[suggestions.active]
    // With Alt the arrows go to another channel.
    if (event.altKey) return false
    if (event.key === 'ArrowDown') suggestions.move(1)
    else if (event.key === 'ArrowUp') suggestions.move(-1)
    else if ((event.key === 'Enter' || event.key === 'Tab') && active && !event.shiftKey) pick(active)
    else if (event.key === 'Escape') suggestions.close()
    else return false
    return true
  }

  const onKeyDown = (event: KeyboardEvent<HTMLTextAreaElement>) => {
    const field = event.currentTarget
    const { isComposing } = event.nativeEvent
    if (isComposing || event.keyCode === 229) return
    if (suggestions.open && chooses(event)) return stop(event)
    const format = formatOf(event, field.selectionStart !== field.selectionEnd)
    if (format) {
      stop(event)
      return applyEdit(field, FORMATS[format](field.value, field.selectionStart, field.selectionEnd))
    }
    const fenced = insideFence(field.value, field.selectionStart)
    const key = { ...pickKey(event), isComposing }
    if (sends(key, { sendWith, touch: isTouch(), fenced })) {
      stop(event)
      return props.onSubmit()
    }
    if (event.key === 'Escape' && props.onEscape) {
      stop(event)
      props.onEscape()
    }
    const plain = !event.shiftKey && !event.altKey && !event.ctrlKey && !event.metaKey
    if (event.key === 'ArrowUp' && plain && !field.value && props.onUp) {
      stop(event)
      props.onUp()
    }
  }

  const onPaste = (event: ClipboardEvent<HTMLTextAreaElement>) => {
    const field = event.currentTarget
    const files = [...event.clipboardData.files]
    // A table is copied as text and as a picture of itself: there the text is meant.
    if (files.length > 0 && props.onFiles && !event.clipboardData.types.includes('text/plain')) {
      event.preventDefault()
      return props.onFiles(files)
    }
    const url = event.clipboardData.getData('text/plain').trim()
    if (field.selectionStart === field.selectionEnd || !isUrl(url)) return
    event.preventDefault()
    applyEdit(field, link(field.value, field.selectionStart, field.selectionEnd, url))
  }

  return (
    <>
      {suggestions.open && (
        <SuggestionList id={id} list={suggestions.list} active={suggestions.active} onPick={pick} />
      )}
      <textarea
        ref={fieldRef}
        value={value}
        rows={1}
        dir="auto"
        aria-label={props.label}
        placeholder={props.placeholder}
        aria-invalid={props.invalid || undefined}
        aria-describedby={props.describedBy}
        aria-autocomplete="list"
        aria-haspopup="listbox"
        aria-controls={suggestions.open ? id : undefined}
        aria-activedescendant={suggestions.open ? `${id}-${suggestions.active}` : undefined}
        onChange={(event) => {
          onChange(event.currentTarget.value)
          lookAround(event.currentTarget)
        }}
        onSelect={(event) => suggestions.open && lookAround(event.currentTarget)}
        onFocus={({ currentTarget: field }) => {
          // A draft is gone on with. Not before: Safari gives the focus to whatever a selection is set in.
          if (!entered.current) field.setSelectionRange(field.value.length, field.value.length)
          entered.current = true
        }}
        onBlur={() => suggestions.open && suggestions.close()}
        onKeyDown={onKeyDown}
        onPaste={onPaste}
        autoCapitalize="sentences"
        className="block field-sizing-content max-h-[40dvh] min-h-[1.375rem] w-full resize-none bg-transparent text-base outline-none placeholder:truncate max-md:text-[1rem]"
      />
    </>
  )
}

function stop(event: KeyboardEvent) {
  event.preventDefault()
  event.stopPropagation()
}

const pickKey = ({ key, shiftKey, altKey, ctrlKey, metaKey, keyCode }: KeyboardEvent) => ({
  key,
  shiftKey,
  altKey,
  ctrlKey,
  metaKey,
  keyCode,
})
