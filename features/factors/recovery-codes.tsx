'use client'

import { Check, Copy, Download, Printer } from 'lucide-react'
import { useState } from 'react'
import { useTranslations } from 'use-intl'
import { Button } from '@/ui/button'

type Props = { codes: string[]; onDone(): void }

const FILE = 'enterprise-chat-recovery-codes.txt'

/** The codes, this once. Whoever goes on says that they are kept. */
export function RecoveryCodes({ codes, onDone }: Props) {
  const t = useTranslations('factors')
  const [copied, setCopied] = useState(false)
  const text = `${t('recoveryCodesOf', { place: window.location.host })}\n\n${codes.join('\n')}\n`
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text)
      setCopied(true)
    } catch {
      // Without a secure origin there is no clipboard; the codes stand there to be selected.
    }
  }
  const download = () => {
    const link = document.createElement('a')
    link.href = URL.createObjectURL(new Blob([text], { type: 'text/plain' }))
    link.download = FILE
    link.click()
    URL.revokeObjectURL(link.href)
  }
  return (
    <div className="grid gap-4">
      <div className="grid gap-1" role="status">
        <p className="font-semibold text-lg">{t('recoveryTitle')}</p>
        <p className="text-base text-soft">{t('recoveryText')}</p>
      </div>
      <div data-print className="rounded-card border bg-fill px-4 py-3">
        <p className="hidden pb-3 print:block">{t('recoveryCodesOf', { place: window.location.host })}</p>
        <ul
          aria-label={t('recoveryCodes')}
          className="grid gap-x-8 gap-y-1 font-mono sm:grid-cols-2 md:grid-cols-2"
        >
          {codes.map((code) => (
            <li key={code} dir="ltr">
              {code}
            </li>
          ))}
        </ul>
      </div>
      <div className="flex flex-wrap gap-2">
        <Button onClick={copy}>
          {copied ? <Check size={16} aria-hidden /> : <Copy size={16} aria-hidden />}
          {copied ? t('copied') : t('copyCodes')}
        </Button>
        <Button onClick={download}>
          <Download size={16} aria-hidden />
          {t('download')}
        </Button>
        <Button onClick={() => window.print()}>
          <Printer size={16} aria-hidden />
          {t('print')}
        </Button>
      </div>
      <Button variant="primary" className="justify-self-start" onClick={onDone}>
        {t('kept')}
      </Button>
    </div>
  )
}
