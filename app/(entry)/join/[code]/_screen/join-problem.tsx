'use client'

import { LinkIcon, TimerOff, Unlink, UsersRound, WifiOff } from 'lucide-react'
import Link from 'next/link'
import { useTranslations } from 'use-intl'
import { SignedInAs } from '@/app/_session/signed-in-as'
import { useErrorText } from '@/lib/error-text'
import { toAppError } from '@/lib/errors'
import { Button, buttonClass } from '@/ui/button'
import { EntryHeading } from '../../../_parts/entry-heading'

const known = {
  invitation_expired: TimerOff,
  invitation_used_up: UsersRound,
  invitation_revoked: Unlink,
  invitation_not_found: LinkIcon,
  invitation_for_other_email: UsersRound,
} as const

type Known = keyof typeof known

/** Why the link does not work, and what helps: never only a code. */
export function JoinProblem({ problem }: { problem: unknown }) {
  const t = useTranslations('invitations')
  const errorText = useErrorText()
  const { code } = toAppError(problem)
  const reason = code in known ? (code as Known) : null
  const Icon = reason ? known[reason] : WifiOff
  return (
    <>
      <span className="mb-4 grid size-12 place-items-center rounded-card bg-fill text-quiet" aria-hidden>
        <Icon size={22} />
      </span>
      <EntryHeading title={reason ? t(`problem.${reason}`) : t('problem.other')}>
        {reason ? t(`problem.${reason}_text`) : errorText(problem)}
      </EntryHeading>
      <div className="flex flex-wrap gap-2">
        {!reason && (
          <Button variant="primary" onClick={() => window.location.reload()}>
            {t('retry')}
          </Button>
        )}
        <Link href="/" className={buttonClass()}>
          {t('toHome')}
        </Link>
      </div>
      {reason === 'invitation_for_other_email' && <SignedInAs />}
    </>
  )
}
