'use client'

import { Download, X } from 'lucide-react'
import * as Radix from 'radix-ui/dialog'
import { type KeyboardEvent, type ReactNode, type RefObject, useState } from 'react'
import { useTranslations } from 'use-intl'
import type { AppClient } from '@/lib/supabase/client'
import { IconButton } from '@/ui/icon-button'
import { Name } from '@/ui/name'
import { Spinner } from '@/ui/spinner'
import type { Attachment } from './schema'
import { useSave } from './use-save'

type FileProps = { client: AppClient; channelId: string; attachment: Attachment }

type Props = FileProps & {
  /** Which one of how many. */
  place?: string | undefined
  /** Buttons before the download. */
  tools?: ReactNode
  /** Has the focus at first, instead of the first button. */
  start?: RefObject<HTMLElement | null>
  onKey(event: KeyboardEvent): void
  onClose(): void
  /** Takes the focus when nothing is left of where it came from. */
  onLost?: (() => void) | undefined
  children: ReactNode
}

/** One file over the whole screen, under its name. Escape closes. */
export function ViewerFrame(props: Props) {
  const { client, channelId, attachment, place, tools, start, onKey, onClose, onLost, children } = props
  const t = useTranslations('attachments')
  // Radix gives the focus back to a trigger only, and this has none.
  const [back] = useState(() => wayBack(document.activeElement))
  return (
    <Radix.Root open onOpenChange={(open) => !open && onClose()}>
      <Radix.Portal>
        <Radix.Content
          onKeyDown={(event) => {
            // Texts and rows below have keys of their own.
            event.stopPropagation()
            const { target, ctrlKey, metaKey, altKey } = event
            if (!(target instanceof HTMLTextAreaElement || ctrlKey || metaKey || altKey)) onKey(event)
          }}
          onOpenAutoFocus={(event) => {
            if (!start?.current) return
            event.preventDefault()
            start.current.focus()
          }}
          onCloseAutoFocus={(event) => {
            event.preventDefault()
            const found = back()
            found ? found.focus() : onLost?.()
          }}
          aria-describedby={undefined}
          className="fixed inset-0 z-50 flex animate-appear flex-col bg-ground outline-none"
        >
          <header className="flex h-13 shrink-0 items-center gap-1 border-b ps-4 pe-2">
            <Radix.Title className="min-w-0 flex-1 font-semibold text-base">
              <Name>{attachment.name}</Name>
            </Radix.Title>
            {place && (
              <span className="shrink-0 px-2 text-quiet text-sm" data-figures>
                {place}
              </span>
            )}
            {tools}
            <Save key={attachment.id} client={client} channelId={channelId} attachment={attachment} />
            <Radix.Close asChild>
              <IconButton label={t('close')} icon={<X size={18} />} />
            </Radix.Close>
          </header>
          {children}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  )
}

function Save({ client, channelId, attachment }: FileProps) {
  const t = useTranslations('attachments')
  const { busy, save } = useSave(client, channelId, attachment)
  return (
    <IconButton
      label={t('download', { name: attachment.name })}
      icon={busy ? <Spinner size={16} /> : <Download size={18} />}
      onClick={save}
    />
  )
}

/**
 * Leads to where the focus came from, or to what is there instead: a picture can be deleted while it is looked at and its
 * message stays, or the timeline is drawn anew.
 */
function wayBack(element: Element | null): () => HTMLElement | null | undefined {
  const around = element?.parentElement?.closest<HTMLElement>('[tabindex]')
  const { attachment } = element instanceof HTMLElement ? element.dataset : {}
  const key = around?.dataset.key
  return () => {
    const same = [element, around].find((place) => place instanceof HTMLElement && place.isConnected)
    const again =
      (attachment && document.querySelector(`[data-attachment="${CSS.escape(attachment)}"]`)) ||
      (key && document.querySelector(`[data-key="${CSS.escape(key)}"]`))
    return (same ?? again ?? null) as HTMLElement | null
  }
}
