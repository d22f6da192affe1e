'use client'

import { Archive, ArchiveRestore, Bell, BellOff, LogOut, Pencil, Star } from 'lucide-react'
import { useState } from 'react'
import { useFormatter, useTranslations } from 'use-intl'
import { leaveChannel, setArchived, updateMembership } from '@/features/channels/mutations'
import type { Channel } from '@/features/channels/schema'
import { applyChannel, removeChannel } from '@/features/channels/store'
import { isAdmin } from '@/features/workspaces/schema'
import { useCurrentWorkspace } from '@/features/workspaces/store'
import { useErrorText } from '@/lib/error-text'
import { getSupabase } from '@/lib/supabase/client'
import { Button } from '@/ui/button'
import { ConfirmDialog } from '@/ui/confirm-dialog'
import { showToast } from '@/ui/toast'
import { navigate, workspacePath } from '../_frame/location'
import { openDialog } from '../_frame/open-dialog'
import { useMeId } from '../_frame/use-me-id'

type Asked = 'leave' | 'archive' | null

function Text({ label, text, empty }: { label: string; text: string; empty: string }) {
  return (
    <div className="grid gap-0.5">
      <dt className="font-medium text-quiet text-sm">{label}</dt>
      <dd className="whitespace-pre-line break-words text-base">
        {text ? <bdi>{text}</bdi> : <span className="text-quiet">{empty}</span>}
      </dd>
    </div>
  )
}

export function ChannelFacts({ channel }: { channel: Channel }) {
  const t = useTranslations('channels')
  const format = useFormatter()
  const errorText = useErrorText()
  const workspace = useCurrentWorkspace()
  const meId = useMeId()
  const [asked, setAsked] = useState<Asked>(null)
  const { id, kind, name, topic, purpose, is_member, archived_at, starred_at, muted_at } = channel
  const direct = kind === 'direct'
  const role = workspace?.role
  const mayArchive = !direct && (isAdmin(role) || (channel.created_by === meId && role !== 'guest'))
  const mayEdit = !direct && role !== 'guest' && !archived_at && (is_member || isAdmin(role))

  const mark = async (change: Partial<Pick<Channel, 'muted_at' | 'starred_at'>>) => {
    const before = { id, muted_at, starred_at }
    applyChannel({ id, ...change })
    try {
      if (meId) applyChannel(await updateMembership(await getSupabase(), id, meId, change))
    } catch (error) {
      applyChannel(before)
      showToast(errorText(error))
    }
  }
  const leave = async () => {
    await leaveChannel(await getSupabase(), id)
    removeChannel(id)
    if (workspace) navigate(workspacePath(workspace.slug), { replace: true })
  }
  const archive = async () => applyChannel(await setArchived(await getSupabase(), id, !archived_at))
  const unarchive = () => archive().catch((error: unknown) => showToast(errorText(error)))
  const now = () => new Date().toISOString()

  return (
    <div className="grid gap-5 border-b p-5">
      {is_member && (
        <div className="flex flex-wrap gap-2">
          <Button
            size="sm"
            aria-pressed={starred_at !== null}
            onClick={() => mark({ starred_at: starred_at ? null : now() })}
          >
            <Star size={15} aria-hidden fill={starred_at ? 'currentColor' : 'none'} />
            {starred_at ? t('starred') : t('star')}
          </Button>
          <Button
            size="sm"
            aria-pressed={muted_at !== null}
            onClick={() => mark({ muted_at: muted_at ? null : now() })}
          >
            {muted_at ? <BellOff size={15} aria-hidden /> : <Bell size={15} aria-hidden />}
            {muted_at ? t('muted') : t('mute')}
          </Button>
        </div>
      )}
      {!direct && (
        <dl className="grid gap-4">
          <Text label={t('topic')} text={topic} empty={t('noTopic')} />
          <Text label={t('purpose')} text={purpose} empty={t('noPurpose')} />
        </dl>
      )}
      {!direct && (
        <p className="-mt-1 text-quiet text-sm">
          {t('createdOn', { date: format.dateTime(new Date(channel.created_at), { dateStyle: 'medium' }) })}
        </p>
      )}
      {!direct && (
        <div className="flex flex-wrap gap-2">
          {mayEdit && (
            <Button size="sm" onClick={() => openDialog({ name: 'edit-channel', channelId: id })}>
              <Pencil size={15} aria-hidden />
              {t('edit')}
            </Button>
          )}
          {is_member && (
            <Button size="sm" onClick={() => setAsked('leave')}>
              <LogOut size={15} aria-hidden />
              {t('leave')}
            </Button>
          )}
          {mayArchive &&
            (archived_at ? (
              <Button size="sm" onClick={unarchive}>
                <ArchiveRestore size={15} aria-hidden />
                {t('unarchive')}
              </Button>
            ) : (
              <Button size="sm" onClick={() => setAsked('archive')}>
                <Archive size={15} aria-hidden />
                {t('archive')}
              </Button>
            ))}
        </div>
      )}
      {asked && (
        <ConfirmDialog
          title={t(`${asked}Title`, { name: name ?? '' })}
          confirm={t(asked === 'leave' ? 'leave' : 'archive')}
          danger
          onConfirm={asked === 'leave' ? leave : archive}
          errorText={errorText}
          onClose={() => setAsked(null)}
        >
          {t(asked === 'leave' && kind === 'private' ? 'leavePrivateText' : `${asked}Text`)}
        </ConfirmDialog>
      )}
    </div>
  )
}
