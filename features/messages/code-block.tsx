'use client'

import { Check, Copy } from 'lucide-react'
import { useState } from 'react'
import { useTranslations } from 'use-intl'
import { useColoured } from '@/lib/use-coloured'
import { IconButton } from '@/ui/icon-button'

type Props = { code: string; language: string }

/** Source in a message, as it was written, in the colours of the language that it names. */
export function CodeBlock({ code, language }: Props) {
  const t = useTranslations('messages')
  const [copied, setCopied] = useState(false)
  const coloured = useColoured(code, language)
  const copy = async () => {
    await navigator.clipboard?.writeText(code)
    setCopied(true)
    setTimeout(() => setCopied(false), 1500)
  }
  return (
    <div className="group/code relative my-1 max-w-full overflow-hidden rounded-control border bg-sunken">
      {language && (
        <div className="border-b px-3 py-0.5 font-medium text-quiet text-xs">{language.slice(0, 30)}</div>
      )}
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a block that scrolls sideways must be reachable by keyboard */}
      <pre className="max-h-[26rem] overflow-auto px-3 py-2 font-mono text-sm leading-5" tabIndex={0}>
        <code>{coloured}</code>
      </pre>
      <IconButton
        size="sm"
        label={copied ? t('copied') : t('copyCode')}
        icon={copied ? <Check size={14} /> : <Copy size={14} />}
        onClick={copy}
        className="absolute end-1 top-1 bg-sunken opacity-0 focus-visible:opacity-100 group-hover/code:opacity-100 pointer-coarse:opacity-100"
      />
    </div>
  )
}
