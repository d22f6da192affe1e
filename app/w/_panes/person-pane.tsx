'use client'

import { Clock, MessageCircle } from 'lucide-react'
import { useEffect, useState } from 'react'
import { useFormatter, useTranslations } from 'use-intl'
import { usePresence } from '@/features/presence/store'
import { LocalTime } from '@/features/profiles/local-time'
import { currentStatus } from '@/features/profiles/schema'
import { ensureProfiles, usePerson } from '@/features/profiles/store'
import { useErrorText } from '@/lib/error-text'
import { Avatar } from '@/ui/avatar'
import { Badge } from '@/ui/badge'
import { Button, buttonClass } from '@/ui/button'
import { ErrorNotice } from '@/ui/error-notice'
import { Late } from '@/ui/late'
import { SidePane } from '@/ui/side-pane'
import { Skeleton } from '@/ui/skeleton'
import { closePane, useLocation, workspacePath } from '../_frame/location'
import { openDirectWith } from '../_frame/open-channel'
import { openDialog } from '../_frame/open-dialog'
import { PresenceDot } from '../_frame/presence-dot'
import { useMeId } from '../_frame/use-me-id'

/** A person as colleagues need them: who, here or not, what time it is there, and a way to write. */
export default function PersonPane({ userId }: { userId: string }) {
  const t = useTranslations('profiles')
  const app = useTranslations('app')
  const format = useFormatter()
  const errorText = useErrorText()
  const { slug } = useLocation()
  const person = usePerson(userId)
  const presence = usePresence(userId)
  const isMe = useMeId() === userId
  const [busy, setBusy] = useState(false)
  const [error, setError] = useState<unknown>(null)
  useEffect(() => ensureProfiles([userId]), [userId])

  if (!person) {
    return (
      <SidePane title={t('profile')} onClose={closePane}>
        <Late label={app('loading')} className="grid gap-4 p-6">
          <Skeleton round className="size-24" />
          <Skeleton className="h-7 w-48" />
          <Skeleton className="h-5 w-32" />
        </Late>
      </SidePane>
    )
  }
  const status = currentStatus(person, Date.now())
  const write = async () => {
    setBusy(true)
    setError(null)
    try {
      await openDirectWith([userId])
    } catch (reason) {
      setError(reason)
    } finally {
      setBusy(false)
    }
  }
  return (
    <SidePane title={t('profile')} onClose={closePane}>
      <div className="grid gap-5 p-6">
        <Avatar
          name={person.display_name}
          colorKey={person.id}
          src={person.avatar_url}
          size={96}
          badge={<PresenceDot userId={userId} large />}
        />
        <div className="grid gap-1">
          <p className="flex flex-wrap items-center gap-2">
            <bdi className="break-words font-semibold text-xl">{person.display_name}</bdi>
            {person.deactivated_at && <Badge tone="warning">{t('deactivated')}</Badge>}
            {person.role && person.role !== 'member' && <Badge>{app(`role_${person.role}`)}</Badge>}
          </p>
          <p className="text-base text-quiet">@{person.handle}</p>
        </div>
        {status && (
          <p className="flex gap-2.5 rounded-card bg-fill px-3.5 py-2.5">
            <span aria-hidden>{status.emoji}</span>
            <span className="grid min-w-0">
              <bdi className="break-words">{status.text}</bdi>
              {status.until && (
                <span className="text-quiet text-sm">
                  {t('until', {
                    time: format.dateTime(new Date(status.until), {
                      weekday: 'short',
                      hour: '2-digit',
                      minute: '2-digit',
                    }),
                  })}
                </span>
              )}
            </span>
          </p>
        )}
        <div className="grid gap-2 text-base text-soft">
          <p className="flex items-center gap-2.5">
            <span className="grid w-4 place-items-center">
              <span
                className={
                  presence === 'online'
                    ? 'size-2 rounded-full bg-presence'
                    : 'size-2 rounded-full border-2 border-faint'
                }
              />
            </span>
            {app(presence ?? 'offline')}
          </p>
          <p className="flex items-center gap-2.5">
            <Clock size={16} aria-hidden className="text-quiet" />
            <LocalTime zone={person.time_zone} />
          </p>
        </div>
        {error !== null && <ErrorNotice>{errorText(error)}</ErrorNotice>}
        <div className="flex flex-wrap gap-2">
          <Button variant={isMe ? 'secondary' : 'primary'} busy={busy} onClick={write}>
            <MessageCircle size={16} aria-hidden />
            {isMe ? t('notesToSelf') : t('message')}
          </Button>
          {isMe && (
            <>
              <Button onClick={() => openDialog({ name: 'status' })}>{app('setStatus')}</Button>
              <a href={workspacePath(slug, 'preferences')} className={buttonClass()}>
                {t('edit')}
              </a>
            </>
          )}
        </div>
      </div>
    </SidePane>
  )
}
