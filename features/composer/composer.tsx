'use client'

import { clsx } from 'clsx'
import { ALargeSmall, SendHorizontal, Smile } from 'lucide-react'
import { type ReactNode, type RefObject, Suspense, useId, useState } from 'react'
import { useTranslations } from 'use-intl'
import { emojiTable, replaceShortcodes } from '@/lib/emoji/emoji'
import { lazyPart } from '@/lib/lazy-part'
import { useStateOf } from '@/lib/use-state-of'
import { EmojiPicker } from '@/ui/emoji-picker'
import { IconButton } from '@/ui/icon-button'
import { Popover } from '@/ui/popover'
import { Field } from './field'
import type { FormatBarProps } from './format-bar'
import { applyEdit } from './insert-text'
import { countCharacters, isBlank } from './text-edits'
import type { Suggest } from './use-suggestions'

type Props = {
  /** Which conversation it writes to: the field and what is said about it are that one's own. */
  place: string
  fieldRef: RefObject<HTMLTextAreaElement | null>
  value: string
  onChange(value: string): void
  /** Takes the finished text; false keeps it in the field. */
  onSend(body: string): boolean
  onUp?(): void
  onEscape?(): void
  suggest: Suggest
  limit: number
  placeholder: string
  /** Above the field, inside its frame: what goes along. */
  above?: ReactNode
  /** Before the field: attaching, recording. */
  tools?: ReactNode
  /** Files that were pasted. */
  onFiles?(files: File[]): void
  /** What goes along makes words unnecessary (`ready`), or has to be waited for: then the reason. */
  cargo?: { ready: boolean; wait: string | null }
  /** Under the field, on the left: who is typing. */
  foot?: ReactNode
  narrow?: boolean
}

const loadFormats = () => import('./format-bar')
const FormatBar = lazyPart<FormatBarProps>(loadFormats)

// Elements for good: a composer that is drawn with every letter does not draw them again.
const SMILE = <Smile size={18} />
const LETTERS = <ALargeSmall size={19} />
const PLANE = <SendHorizontal size={17} />

/** Room in which the number of characters left is worth showing. */
const NEAR_LIMIT = 1_000

/** Where a message is written. What is in it belongs to the caller, who keeps it as a draft. */
export function Composer(props: Props) {
  const { place, fieldRef, value, onChange, limit, narrow, cargo } = props
  const t = useTranslations('composer')
  const hintId = useId()
  const [formats, setFormats] = useState(false)
  const [refused, setRefused] = useStateOf(place, false)
  const count = countCharacters(value, limit - NEAR_LIMIT)
  const left = limit - count
  const tooLong = left < 0
  const blank = isBlank(value) && !cargo?.ready
  const held = cargo?.wait ?? null
  const send = () => {
    if (blank || tooLong || held) return setRefused(true)
    if (props.onSend(replaceShortcodes(value.trimEnd(), emojiTable.get()))) onChange('')
  }
  const pick = (emoji: string) => {
    const field = fieldRef.current
    if (!field) return
    const { selectionStart: from, selectionEnd: to } = field
    applyEdit(field, { from, to, insert: emoji, select: [from + emoji.length, from + emoji.length] })
  }
  const hint = tooLong
    ? t('tooLong', { over: -left })
    : refused && held
      ? held
      : refused && blank && value
        ? t('blank')
        : left <= NEAR_LIMIT
          ? t('left', { left })
          : null
  return (
    <div className={clsx('px-3 pb-[max(0.25rem,env(safe-area-inset-bottom))]', !narrow && 'md:px-5')}>
      <div className="relative rounded-card border border-line-strong bg-ground focus-within:border-line-hover">
        {props.above}
        {formats && (
          <Suspense fallback={null}>
            <FormatBar fieldRef={fieldRef} />
          </Suspense>
        )}
        {/* Where there is little room, the words have a line of their own. */}
        <div className={clsx('flex items-end gap-1 p-1.5', narrow ? 'flex-wrap' : 'max-md:flex-wrap')}>
          {props.tools}
          <Popover
            key={place}
            label={t('emoji')}
            side="top"
            trigger={<IconButton label={t('emoji')} icon={SMILE} />}
          >
            {(close) => (
              <EmojiPicker
                onPick={(emoji) => {
                  close()
                  pick(emoji)
                }}
              />
            )}
          </Popover>
          <div
            className={clsx(
              'min-w-0 flex-1 px-1 py-[5px]',
              narrow ? 'order-first basis-full' : 'max-md:order-first max-md:basis-full',
            )}
          >
            <Field
              key={place}
              fieldRef={fieldRef}
              value={value}
              onChange={(next) => {
                setRefused(false)
                onChange(next)
              }}
              onSubmit={send}
              onUp={props.onUp}
              onEscape={props.onEscape}
              onFiles={props.onFiles}
              suggest={props.suggest}
              label={props.placeholder}
              placeholder={props.placeholder}
              describedBy={hint ? hintId : undefined}
              invalid={tooLong}
            />
          </div>
          <IconButton
            label={t('formats')}
            icon={LETTERS}
            pressed={formats}
            onClick={() => setFormats(!formats)}
            onPointerEnter={loadFormats}
            onFocus={loadFormats}
            onPointerDown={(event) => event.preventDefault()}
            className={narrow ? 'ms-auto' : 'max-md:ms-auto'}
          />
          <IconButton
            label={t('send')}
            shortcut="Enter"
            icon={PLANE}
            disabled={blank || tooLong || held !== null}
            onPointerDown={(event) => event.preventDefault()}
            onClick={send}
            className={clsx(
              !blank && !tooLong && !held && 'bg-accent! text-on-accent! hover:bg-accent-hover!',
            )}
          />
        </div>
      </div>
      <div className="flex h-6 items-center gap-3 px-1 text-xs">
        <div className="min-w-0 flex-1 truncate text-quiet">{props.foot}</div>
        {hint && (
          <span
            id={hintId}
            role={tooLong || refused ? 'alert' : undefined}
            className={clsx('shrink-0', tooLong ? 'font-medium text-danger-ink' : 'text-quiet')}
          >
            {hint}
          </span>
        )}
      </div>
    </div>
  )
}
