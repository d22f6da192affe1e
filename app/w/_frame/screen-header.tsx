'use client'

import { ArrowLeft } from 'lucide-react'
import type { ReactNode } from 'react'
import { useTranslations } from 'use-intl'
import { useSlug, workspacePath } from './location'

/** Back to the list of channels; on wide screens the list is there anyway. */
export function BackToList() {
  const t = useTranslations('app')
  const slug = useSlug()
  return (
    <a
      href={workspacePath(slug, 'channels')}
      aria-label={t('backToList')}
      className="touch-target -ms-1.5 grid size-8 shrink-0 place-items-center rounded-control text-soft hover:bg-hover md:hidden"
    >
      <ArrowLeft size={20} />
    </a>
  )
}

type Props = { title: string; actions?: ReactNode }

/** The head of a screen that is not a conversation. */
export function ScreenHeader({ title, actions }: Props) {
  return (
    <header className="flex h-13 shrink-0 items-center gap-2 border-b px-4 md:px-6">
      <title>{title}</title>
      <BackToList />
      <h1 className="min-w-0 flex-1 truncate font-semibold text-lg">{title}</h1>
      {actions}
    </header>
  )
}
