'use client'

import { Building2, Plus } from 'lucide-react'
import { useState } from 'react'
import { useTranslations } from 'use-intl'
import { useErrorText } from '@/lib/error-text'
import { getSupabase } from '@/lib/supabase/client'
import { usePages } from '@/lib/use-pages'
import { Badge } from '@/ui/badge'
import { Button } from '@/ui/button'
import { ConfirmDialog } from '@/ui/confirm-dialog'
import { Dialog } from '@/ui/dialog'
import { ErrorNotice } from '@/ui/error-notice'
import { Late } from '@/ui/late'
import { Skeleton } from '@/ui/skeleton'
import { showToast } from '@/ui/toast'
import type { Connections, SsoConnection } from './connection'
import { ConnectionForm } from './connection-form'
import { listConnections, removeConnection } from './mutations'
import { OurAddresses } from './our-addresses'

const MOST = 1000

type Props = {
  workspaceId: string
  /** Whether the server speaks SAML besides OpenID Connect. */
  saml: boolean
}

/** The companies' identity providers: who signs in there, and a way to add, change and remove one. */
export function SsoConnections({ workspaceId, saml }: Props) {
  const t = useTranslations('sso')
  const ui = useTranslations('ui')
  const app = useTranslations('app')
  const errorText = useErrorText()
  const [editing, setEditing] = useState<SsoConnection | 'new' | null>(null)
  const [removing, setRemoving] = useState<SsoConnection | null>(null)
  const [addresses, setAddresses] = useState<Connections['service_provider'] | null>(null)
  const { items, phase, error, retry, update } = usePages(
    workspaceId,
    async () => {
      const answer = await listConnections(await getSupabase(), workspaceId)
      setAddresses(answer.service_provider)
      return answer.connections
    },
    MOST,
  )
  const remove = async ({ id }: SsoConnection) => {
    await removeConnection(await getSupabase(), workspaceId, id)
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
    <div className="grid gap-4">
      {items.length > 0 && (
        <ul aria-label={t('title')} className="-mt-3">
          {items.map((connection) => (
            <li
              key={connection.id}
              className="flex flex-wrap items-center gap-x-3 gap-y-2 border-b py-3 last:border-0"
            >
              <span
                className="grid size-9 shrink-0 place-items-center rounded-control bg-fill text-quiet"
                aria-hidden
              >
                <Building2 size={17} />
              </span>
              <div className="grid min-w-40 flex-1">
                <p className="flex flex-wrap items-center gap-2">
                  <bdi className="min-w-0 break-words font-medium">{connection.name}</bdi>
                  <Badge>{t(connection.kind)}</Badge>
                </p>
                <p className="break-words text-quiet text-sm">
                  {connection.domains.join(', ')} ·{' '}
                  {t('joinAs', { role: app(`role_${connection.default_role}`) })}
                </p>
              </div>
              <div className="flex gap-2">
                <Button
                  size="sm"
                  variant="quiet"
                  aria-label={t('editNamed', { name: connection.name })}
                  onClick={() => setEditing(connection)}
                >
                  {t('edit')}
                </Button>
                <Button
                  size="sm"
                  aria-label={t('removeNamed', { name: connection.name })}
                  onClick={() => setRemoving(connection)}
                >
                  {t('remove')}
                </Button>
              </div>
            </li>
          ))}
        </ul>
      )}
      {items.length === 0 && <p className="text-quiet">{t('none')}</p>}
      <Button className="justify-self-start" onClick={() => setEditing('new')}>
        <Plus size={16} aria-hidden />
        {t('add')}
      </Button>
      {addresses && (
        <details className="rounded-card border px-4 py-3">
          <summary className="font-medium">{t('addresses')}</summary>
          <div className="grid gap-2 pt-3">
            <p className="pb-1 text-quiet text-sm">{t('addressesText')}</p>
            <OurAddresses addresses={addresses} kind="oidc" />
            {saml && <OurAddresses addresses={addresses} kind="saml" />}
          </div>
        </details>
      )}
      {editing && (
        <Dialog
          title={editing === 'new' ? t('addTitle') : t('editTitle', { name: editing.name })}
          onClose={() => setEditing(null)}
        >
          <ConnectionForm
            workspaceId={workspaceId}
            saml={saml}
            connection={editing === 'new' ? null : editing}
            addresses={addresses}
            onSaved={(saved) => {
              update((list) => [...list.filter((item) => item.id !== saved.id), saved])
              setEditing(null)
              showToast(t('saved'))
            }}
          />
        </Dialog>
      )}
      {removing && (
        <ConfirmDialog
          title={t('removeTitle', { name: removing.name })}
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
