'use client'

import { Hash, Lock, UserPlus } from 'lucide-react'
import { useFormatter, useTranslations } from 'use-intl'
import type { Channel } from '@/features/channels/schema'
import { SkeletonRows } from '@/features/messages/timeline-skeleton'
import type { ChannelWindow } from '@/features/messages/window'
import { useCurrentWorkspace } from '@/features/workspaces/store'
import { useErrorText } from '@/lib/error-text'
import { Button } from '@/ui/button'
import { ErrorNotice } from '@/ui/error-notice'
import { useChannelLabel } from '../_frame/channel-label'
import { openPane } from '../_frame/location'
import type { ChatSession } from '../[slug]/_sync/session'
import { PersonAvatar, useKnownPerson } from './people-parts'

type Props = { session: ChatSession; channel: Channel; window: ChannelWindow }

/** Above the first loaded message: older ones on their way, or where the conversation begins. */
export function ChannelHead({ session, channel, window }: Props) {
  const t = useTranslations('messages')
  const errorText = useErrorText()
  if (!window.hasBefore) return <Beginning channel={channel} me={session.me} />
  if (!window.error) return <SkeletonRows count={2} />
  return (
    <div className="p-3 md:px-5">
      <ErrorNotice
        action={
          <Button size="sm" onClick={() => void session.timelines.loadMore(channel.id, 'before')}>
            {t('retry')}
          </Button>
        }
      >
        {t('moreFailed')} {errorText(window.error)}
      </ErrorNotice>
    </div>
  )
}

function Beginning({ channel, me }: { channel: Channel; me: string }) {
  const t = useTranslations('conversation')
  const format = useFormatter()
  const label = useChannelLabel(channel)
  const creator = useKnownPerson(channel.created_by ?? '')
  const guest = useCurrentWorkspace()?.role === 'guest'
  const direct = channel.kind === 'direct'
  const others = channel.member_ids.filter((id) => id !== me)
  const name = creator?.display_name ?? ''
  const date = channel.created_at ? format.dateTime(new Date(channel.created_at), { dateStyle: 'long' }) : ''
  return (
    <div className="grid gap-2 px-3 pt-10 pb-4 md:px-5">
      {direct ? (
        <span className="flex gap-2">
          {(others.length ? others : [me]).slice(0, 5).map((id) => (
            <PersonAvatar key={id} userId={id} size={48} />
          ))}
        </span>
      ) : (
        <span className="grid size-12 place-items-center rounded-card bg-fill text-quiet" aria-hidden>
          {channel.kind === 'private' ? <Lock size={22} /> : <Hash size={24} />}
        </span>
      )}
      <h2 className="break-words font-semibold text-xl">
        <bdi>{label}</bdi>
      </h2>
      <p className="max-w-[46rem] text-quiet">
        {direct
          ? others.length
            ? t('beginDirect', { name: label })
            : t('beginSelf')
          : t(channel.kind === 'private' ? 'beginPrivate' : 'beginPublic', { name, date })}
        {channel.purpose && (
          <>
            {' '}
            <bdi>{channel.purpose}</bdi>
          </>
        )}
      </p>
      {!direct && !guest && channel.is_member && !channel.archived_at && (
        <Button size="sm" className="justify-self-start" onClick={() => openPane('details', channel.id)}>
          <UserPlus size={15} aria-hidden />
          {t('addPeople')}
        </Button>
      )}
    </div>
  )
}
