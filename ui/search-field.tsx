'use client'

import { clsx } from 'clsx'
import { Search, X } from 'lucide-react'
import type { ComponentProps } from 'react'
import { useTranslations } from 'use-intl'
import { controlClass } from './field'
import { IconButton } from './icon-button'

type Props = Omit<ComponentProps<'input'>, 'onChange' | 'value'> & {
  label: string
  value: string
  onChange(value: string): void
}

/** The label is the placeholder's text too: what can be found here. */
export function SearchField({ label, value, onChange, className, ...rest }: Props) {
  const t = useTranslations('ui')
  return (
    <div className={clsx('relative flex items-center', className)}>
      <Search size={16} aria-hidden className="pointer-events-none absolute start-3 text-quiet" />
      <input
        type="search"
        autoComplete="off"
        spellCheck={false}
        {...rest}
        aria-label={label}
        placeholder={label}
        value={value}
        onChange={(event) => onChange(event.target.value)}
        className={clsx(controlClass(false), 'h-10 ps-9 pe-10 [&::-webkit-search-cancel-button]:hidden')}
      />
      {value && (
        <IconButton
          label={t('clear')}
          size="sm"
          icon={<X size={16} />}
          className="absolute! end-1.5"
          onClick={() => onChange('')}
        />
      )}
    </div>
  )
}
