'use client'

import { clsx } from 'clsx'
import { type KeyboardEvent, type MouseEvent, memo, useState } from 'react'
import { useTranslations } from 'use-intl'
import { DeleteDialog } from './delete-dialog'
import { DayDivider, NewDivider } from './dividers'
import { useHost } from './host'
import type { Item } from './items'
import { MessageBody } from './message-body'
import { MessageToolbar } from './message-toolbar'
import { rowKey } from './row-keys'
import { summaryOf } from './summary'
import { Clock } from './times'
import { useMessageActions } from './use-message-actions'

type Props = {
  item: Item
  /** The one row that Tab reaches; the arrows move from there. */
  tabbable: boolean
  highlighted: boolean
  editing: boolean
  setEditing(key: string | null): void
}

/** One message with what stands above it. */
export const MessageRow = memo(function MessageRow({
  item,
  tabbable,
  highlighted,
  editing,
  setEditing,
}: Props) {
  const { message, grouped, state } = item
  const host = useHost()
  const [removing, setRemoving] = useState(false)
  // The toolbar's buttons and menus are most of what a row would cost: they come with the pointer or the focus.
  const [touched, setTouched] = useState(false)
  const touch = () => setTouched(true)
  const actions = useMessageActions(message, {
    onEdit: () => setEditing(item.key),
    onRemove: () => setRemoving(true),
  })
  const stored = state === 'sent'
  const label = useRowLabel(item)
  const keys = (event: KeyboardEvent<HTMLElement>) => {
    if (stored && event.target === event.currentTarget) rowKey(event, actions)
  }
  const click = (event: MouseEvent) => {
    if (!event.altKey || !actions.markUnread) return
    event.preventDefault()
    actions.markUnread()
  }
  return (
    <>
      {item.day && <DayDivider day={item.day} />}
      {item.isNew && <NewDivider />}
      <article
        data-key={item.key}
        data-state={state}
        aria-label={label}
        tabIndex={tabbable ? 0 : -1}
        data-region-start={tabbable ? '' : undefined}
        onKeyDown={keys}
        onClick={click}
        onPointerEnter={touch}
        onFocus={touch}
        className={clsx(
          'group/row relative flex gap-3 px-3 outline-offset-[-2px] md:px-5',
          grouped ? 'py-[3px]' : 'pt-2 pb-[3px]',
          highlighted ? 'bg-accent-fill motion-safe:animate-lit' : 'hover:bg-sunken',
          editing && 'bg-sunken',
        )}
      >
        <div className="w-9 shrink-0 select-none">
          {grouped ? (
            <Clock
              short
              time={message.created_at}
              className="invisible block whitespace-nowrap text-center text-[0.6875rem] text-quiet leading-[1.375rem] group-hover/row:visible group-focus-visible/row:visible"
            />
          ) : (
            message.user_id && (
              <button
                type="button"
                tabIndex={-1}
                aria-hidden
                onClick={() => message.user_id && host.openPerson(message.user_id)}
                className="mt-0.5 block"
              >
                <host.Avatar userId={message.user_id} size={36} />
              </button>
            )
          )}
        </div>
        <div className="min-w-0 flex-1">
          <MessageBody
            item={item}
            editing={editing}
            setEditing={setEditing}
            onEmptied={() => setRemoving(true)}
          />
        </div>
        {touched && stored && !editing && <MessageToolbar message={message} actions={actions} />}
      </article>
      {removing && <DeleteDialog message={message} onClose={() => setRemoving(false)} />}
    </>
  )
})

function useRowLabel(item: Item): string {
  const t = useTranslations('messages')
  const { message } = item
  const author = useHost().usePerson(message.user_id ?? '')
  const name = author?.display_name ?? t('formerMember')
  if (message.deleted_at) return t('rowDeleted', { name })
  return t('rowLabel', { name, body: summaryOf(message, 300) })
}
