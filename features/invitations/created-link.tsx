'use client'

import { Check, Copy } from 'lucide-react'
import { useState } from 'react'
import { useFormatter, useTranslations } from 'use-intl'
import { Button } from '@/ui/button'
import { TextField } from '@/ui/text-field'
import type { NewInvitation } from './schema'

type Props = { invitation: NewInvitation; onAnother(): void; onDone(): void }

/** The link is told once; afterwards only its rules are known. */
export function CreatedLink({ invitation, onAnother, onDone }: Props) {
  const t = useTranslations('invitations')
  const format = useFormatter()
  const [copied, setCopied] = useState(false)
  const link = `${window.location.origin}/join/${encodeURIComponent(invitation.code)}`
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(link)
      setCopied(true)
    } catch {
      // Without a secure origin the browser has no clipboard for us: the text is selected to be copied by hand.
      document.querySelector<HTMLInputElement>('[data-invitation-link]')?.select()
    }
  }
  const until = format.dateTime(new Date(invitation.expires_at), { dateStyle: 'medium', timeStyle: 'short' })
  return (
    <div className="grid gap-3">
      <TextField
        label={t('link')}
        help={
          invitation.email
            ? t('linkForEmail', { email: invitation.email, until })
            : t('linkForAll', { until, uses: invitation.max_uses ?? 0 })
        }
        value={link}
        readOnly
        data-invitation-link
        autoFocus
        onFocus={(event) => event.target.select()}
      />
      <p className="text-quiet text-sm">{t('linkOnce')}</p>
      <div className="mt-2 flex flex-wrap items-center gap-2">
        <Button variant="primary" onClick={copy}>
          {copied ? <Check size={16} aria-hidden /> : <Copy size={16} aria-hidden />}
          {copied ? t('copied') : t('copy')}
        </Button>
        <Button onClick={onAnother}>{t('another')}</Button>
        <Button variant="quiet" className="ms-auto" onClick={onDone}>
          {t('done')}
        </Button>
        <span role="status" className="sr-only">
          {copied && t('copied')}
        </span>
      </div>
    </div>
  )
}
