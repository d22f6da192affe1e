'use client'

import { clsx } from 'clsx'
import { MessageSquareText, RotateCw, X } from 'lucide-react'
import { Suspense, useEffect, useRef, useState } from 'react'
import { useFormatter, useTranslations } from 'use-intl'
import { useErrorText } from '@/lib/error-text'
import { lazyPart } from '@/lib/lazy-part'
import { IconButton } from '@/ui/icon-button'
import { Name } from '@/ui/name'
import type { DescribeDialogProps } from './describe-dialog'
import { useSizeText } from './format'
import { KindIcon } from './kind-icon'
import { kindOf } from './schema'
import type { Waiting } from './tray'

const DescribeDialog = lazyPart<DescribeDialogProps>(() => import('./describe-dialog'))

type Props = {
  list: readonly Waiting[]
  onRemove(id: string): void
  onRetry(id: string): void
  /** Rejects with an AppError. */
  onDescribe(id: string, alt: string): Promise<void>
}

/** Files that wait in the composer, each with how far it is and a way to be rid of it. */
export function TrayList({ list, onRemove, onRetry, onDescribe }: Props) {
  const t = useTranslations('attachments')
  const [described, setDescribed] = useState<string | null>(null)
  const open = list.find(({ id }) => id === described)
  const asked = useRef<Element | null>(null)
  // A dialog gives the focus back to a trigger only, and this has none.
  useEffect(() => {
    if (described) return
    if (asked.current instanceof HTMLElement) asked.current.focus()
    asked.current = null
  }, [described])
  if (list.length === 0) return null
  return (
    <>
      <ul aria-label={t('waiting')} className="flex max-h-44 flex-wrap gap-2 overflow-y-auto border-b p-2">
        {list.map((waiting) => (
          <li key={waiting.id} className="min-w-0 max-w-full">
            <Chip
              waiting={waiting}
              onRemove={() => onRemove(waiting.id)}
              onRetry={() => onRetry(waiting.id)}
              onDescribe={() => {
                asked.current = document.activeElement
                setDescribed(waiting.id)
              }}
            />
          </li>
        ))}
      </ul>
      {open && (
        <Suspense fallback={null}>
          <DescribeDialog
            key={open.id}
            waiting={open}
            onSave={(alt) => onDescribe(open.id, alt)}
            onClose={() => setDescribed(null)}
          />
        </Suspense>
      )}
    </>
  )
}

type ChipProps = { waiting: Waiting; onRemove(): void; onRetry(): void; onDescribe(): void }

function Chip({ waiting, onRemove, onRetry, onDescribe }: ChipProps) {
  const t = useTranslations('attachments')
  const format = useFormatter()
  const errorText = useErrorText()
  const sizeText = useSizeText()
  const { attachment, state, progress, error, preview } = waiting
  const { name } = attachment
  const failed = state === 'failed'
  const uploading = state === 'uploading'
  const place = useRef<HTMLDivElement>(null)
  // Of many files only some are in sight, and this one keeps all of them from being sent.
  useEffect(() => {
    if (failed) place.current?.scrollIntoView({ block: 'nearest' })
  }, [failed])
  const percent = format.number(progress, { style: 'percent', maximumFractionDigits: 0 })
  return (
    <div
      ref={place}
      data-state={state}
      className={clsx(
        'relative flex max-w-full items-center gap-2 overflow-hidden rounded-control border p-1 pe-0.5',
        failed ? 'w-80 border-danger-line bg-danger-fill' : 'w-60 bg-sunken',
      )}
    >
      <span className="grid size-10 shrink-0 place-items-center overflow-hidden rounded-[4px] bg-fill text-quiet">
        {preview ? (
          // biome-ignore lint/performance/noImgElement: it is a blob of this page
          <img src={preview} alt="" className="size-full object-cover" />
        ) : (
          <KindIcon attachment={attachment} />
        )}
      </span>
      <span className="grid min-w-0 flex-1 text-sm leading-4.5">
        <span className="min-w-0 font-medium">
          <Name>{name}</Name>
        </span>
        <span
          role={failed ? 'alert' : undefined}
          className={clsx('text-xs', failed ? 'text-danger-ink' : 'truncate text-quiet')}
          data-figures
        >
          {failed
            ? errorText(error)
            : uploading
              ? progress > 0
                ? t('uploading', { percent })
                : t('preparing')
              : sizeText(attachment.size)}
        </span>
      </span>
      {failed && (
        <IconButton size="sm" label={t('retry', { name })} icon={<RotateCw size={15} />} onClick={onRetry} />
      )}
      {!failed && (preview || kindOf(attachment) === 'image') && (
        <IconButton
          size="sm"
          label={t('describe', { name })}
          icon={<MessageSquareText size={15} />}
          pressed={Boolean(attachment.alt)}
          onClick={onDescribe}
        />
      )}
      <IconButton
        size="sm"
        label={uploading ? t('cancel', { name }) : t('remove', { name })}
        icon={<X size={15} />}
        onClick={onRemove}
      />
      {uploading && (
        <span
          role="progressbar"
          aria-label={name}
          aria-valuemin={0}
          aria-valuemax={100}
          aria-valuenow={Math.round(progress * 100)}
          className="absolute inset-x-0 bottom-0 h-0.5 bg-hover"
        >
          <span className="block h-full bg-accent" style={{ width: `${progress * 100}%` }} />
        </span>
      )}
    </div>
  )
}
