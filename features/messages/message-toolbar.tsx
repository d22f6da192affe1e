'use client'

import {
  Copy,
  EllipsisVertical,
  Link,
  MailOpen,
  MessageSquareReply,
  Pencil,
  SmilePlus,
  Trash2,
} from 'lucide-react'
import { useTranslations } from 'use-intl'
import { EmojiPicker } from '@/ui/emoji-picker'
import { IconButton } from '@/ui/icon-button'
import { Menu, type MenuEntry } from '@/ui/menu'
import { Popover } from '@/ui/popover'
import { useHost } from './host'
import type { Message } from './schema'
import type { MessageActions } from './use-message-actions'

type Props = { message: Message; actions: MessageActions }

/** Floats on the row the pointer or the keyboard is on. */
export function MessageToolbar({ message, actions }: Props) {
  const t = useTranslations('messages')
  const host = useHost()
  const items: MenuEntry[] = [
    { label: t('copyLink'), icon: <Link size={16} />, shortcut: 'L', onSelect: actions.copyLink },
    { label: t('copyText'), icon: <Copy size={16} />, onSelect: actions.copyText },
  ]
  if (actions.markUnread) {
    items.push({
      label: t('markUnread'),
      icon: <MailOpen size={16} />,
      shortcut: 'U',
      onSelect: actions.markUnread,
    })
  }
  if (actions.edit || actions.remove) items.push({ kind: 'separator' })
  if (actions.edit)
    items.push({ label: t('edit'), icon: <Pencil size={16} />, shortcut: 'E', onSelect: actions.edit })
  if (actions.remove) {
    items.push({ label: t('delete'), icon: <Trash2 size={16} />, danger: true, onSelect: actions.remove })
  }
  return (
    <div
      role="toolbar"
      aria-label={t('actions')}
      className="invisible absolute end-3 -top-3.5 z-10 flex rounded-control border bg-float p-0.5 shadow-float group-hover/row:visible group-has-focus-visible/row:visible has-aria-expanded:visible pointer-coarse:group-focus-within/row:visible md:end-5"
    >
      {host.canWrite && (
        <Popover
          label={t('react')}
          align="end"
          trigger={
            <IconButton size="sm" label={t('react')} icon={<SmilePlus size={16} />} data-action="react" />
          }
        >
          {(close) => (
            <EmojiPicker
              onPick={(emoji) => {
                close()
                host.react(message, emoji)
              }}
            />
          )}
        </Popover>
      )}
      {actions.openThread && (
        <IconButton
          size="sm"
          label={t('replyInThread')}
          icon={<MessageSquareReply size={16} />}
          onClick={actions.openThread}
        />
      )}
      {actions.edit && (
        <IconButton size="sm" label={t('edit')} icon={<Pencil size={16} />} onClick={actions.edit} />
      )}
      <Menu
        label={t('more')}
        align="end"
        items={items}
        trigger={<IconButton size="sm" label={t('more')} icon={<EllipsisVertical size={16} />} />}
      />
    </div>
  )
}
