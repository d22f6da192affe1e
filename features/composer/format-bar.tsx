'use client'

import {
  Bold,
  Code,
  Italic,
  Link,
  List,
  ListOrdered,
  SquareCode,
  Strikethrough,
  TextQuote,
} from 'lucide-react'
import type { ReactNode, RefObject } from 'react'
import { useTranslations } from 'use-intl'
import { IconButton } from '@/ui/icon-button'
import { FORMATS, type Format, SHORTCUTS } from './format-keys'
import { applyEdit } from './insert-text'

const ICONS: [Format, ReactNode][] = [
  ['bold', <Bold key="i" size={15} />],
  ['italic', <Italic key="i" size={15} />],
  ['strike', <Strikethrough key="i" size={15} />],
  ['link', <Link key="i" size={15} />],
  ['bullets', <List key="i" size={16} />],
  ['numbers', <ListOrdered key="i" size={16} />],
  ['quote', <TextQuote key="i" size={16} />],
  ['code', <Code key="i" size={16} />],
  ['code-block', <SquareCode key="i" size={16} />],
]

export type FormatBarProps = { fieldRef: RefObject<HTMLTextAreaElement | null> }

/** Formats by pointer, for those whose keys the browser keeps to itself. */
export default function FormatBar({ fieldRef }: FormatBarProps) {
  const t = useTranslations('composer')
  const run = (format: Format) => {
    const field = fieldRef.current
    if (field) applyEdit(field, FORMATS[format](field.value, field.selectionStart, field.selectionEnd))
  }
  return (
    <div role="toolbar" aria-label={t('formats')} className="flex flex-wrap gap-0.5 border-b px-1.5 py-1">
      {ICONS.map(([format, icon]) => (
        <IconButton
          key={format}
          size="sm"
          icon={icon}
          label={t(`format.${format}`)}
          shortcut={SHORTCUTS[format]}
          onPointerDown={(event) => event.preventDefault()}
          onClick={() => run(format)}
        />
      ))}
    </div>
  )
}
