'use client'

import { useTranslations } from 'use-intl'
import { CopyField } from '@/ui/copy-field'
import type { Connections } from './connection'

type Props = { addresses: Connections['service_provider']; kind: 'saml' | 'oidc' }

/** What the other side asks for when somebody sets this server up there. */
export function OurAddresses({ addresses, kind }: Props) {
  const t = useTranslations('sso')
  if (kind === 'oidc') return <CopyField label={t('callback')} value={addresses.callback_url} />
  return (
    <>
      <CopyField label={t('acsUrl')} value={addresses.acs_url} />
      <CopyField label={t('entityId')} value={addresses.entity_id} />
    </>
  )
}
