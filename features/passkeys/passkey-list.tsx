'use client'

import { Fingerprint } from 'lucide-react'
import { useState } from 'react'
import { useFormatter, useTranslations } from 'use-intl'
import { useErrorText } from '@/lib/error-text'
import { getSupabase } from '@/lib/supabase/client'
import { usePages } from '@/lib/use-pages'
import { Button } from '@/ui/button'
import { ConfirmDialog } from '@/ui/confirm-dialog'
import { ErrorNotice } from '@/ui/error-notice'
import { Late } from '@/ui/late'
import { Skeleton } from '@/ui/skeleton'
import { showToast } from '@/ui/toast'
import { addPasskey, listPasskeys, type Passkey, removePasskey } from './mutations'
import { RenamePasskey } from './rename-passkey'

/** More than anybody has. */
const MOST = 1000

/** My passkeys: add one for this device, name them, take them away. */
export function PasskeyList() {
  const t = useTranslations('passkeys')
  const ui = useTranslations('ui')
  const format = useFormatter()
  const errorText = useErrorText()
  const [adding, setAdding] = useState(false)
  const [problem, setProblem] = useState<string | null>(null)
  const [renaming, setRenaming] = useState<Passkey | null>(null)
  const [removing, setRemoving] = useState<Passkey | null>(null)
  const { items, phase, error, retry, update } = usePages(
    'passkeys',
    async () => listPasskeys(await getSupabase()),
    MOST,
  )
  const nameOf = (passkey: Passkey) => passkey.name ?? t('unnamed')
  const day = (iso: string) => format.dateTime(new Date(iso), { dateStyle: 'medium' })

  const add = async () => {
    setAdding(true)
    setProblem(null)
    try {
      const made = await addPasskey(await getSupabase())
      update((list) => [...list, made])
      // A name is easiest to give while one knows what was just done.
      setRenaming(made)
    } catch (reason) {
      setProblem(errorText(reason))
    } finally {
      setAdding(false)
    }
  }
  const remove = async ({ id }: Passkey) => {
    await removePasskey(await getSupabase(), id)
    update((list) => list.filter((item) => item.id !== id))
    showToast(t('removed'))
  }

  if (phase === 'failed') {
    return (
      <ErrorNotice
        action={
          <Button size="sm" variant="quiet" onClick={retry}>
            {ui('retry')}
          </Button>
        }
      >
        {errorText(error)}
      </ErrorNotice>
    )
  }
  if (phase === 'loading' && items.length === 0) {
    return (
      <Late label={ui('loading')}>
        <Skeleton className="h-10 w-full" />
      </Late>
    )
  }
  return (
    <div className="grid gap-3">
      {items.length > 0 && (
        <ul aria-label={t('title')} className="-mt-3">
          {items.map((passkey) => (
            <li
              key={passkey.id}
              className="flex flex-wrap items-center gap-x-3 gap-y-2 border-b py-3 last:border-0"
            >
              <span
                className="grid size-9 shrink-0 place-items-center rounded-control bg-fill text-quiet"
                aria-hidden
              >
                <Fingerprint size={17} />
              </span>
              <div className="grid min-w-40 flex-1">
                <bdi className="break-words font-medium">{nameOf(passkey)}</bdi>
                <span className="text-quiet text-sm">
                  {t('added', { date: day(passkey.created_at) })}
                  {passkey.last_used_at && ` · ${t('used', { date: day(passkey.last_used_at) })}`}
                </span>
              </div>
              <div className="flex gap-2">
                <Button
                  size="sm"
                  variant="quiet"
                  aria-label={t('renameNamed', { name: nameOf(passkey) })}
                  onClick={() => setRenaming(passkey)}
                >
                  {t('rename')}
                </Button>
                <Button
                  size="sm"
                  aria-label={t('removeNamed', { name: nameOf(passkey) })}
                  onClick={() => setRemoving(passkey)}
                >
                  {t('remove')}
                </Button>
              </div>
            </li>
          ))}
        </ul>
      )}
      {problem && <ErrorNotice>{problem}</ErrorNotice>}
      <Button className="justify-self-start" busy={adding} onClick={add}>
        <Fingerprint size={16} aria-hidden />
        {t('add')}
      </Button>
      {renaming && (
        <RenamePasskey
          passkey={renaming}
          onClose={() => setRenaming(null)}
          onRenamed={(name) =>
            update((list) => list.map((item) => (item.id === renaming.id ? { ...item, name } : item)))
          }
        />
      )}
      {removing && (
        <ConfirmDialog
          title={t('removeTitle', { name: nameOf(removing) })}
          confirm={t('remove')}
          danger
          onConfirm={() => remove(removing)}
          errorText={errorText}
          onClose={() => setRemoving(null)}
        >
          {t('removeText')}
        </ConfirmDialog>
      )}
    </div>
  )
}
