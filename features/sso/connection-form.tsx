'use client'

import { useState } from 'react'
import { useTranslations } from 'use-intl'
import { useErrorText } from '@/lib/error-text'
import { toAppError } from '@/lib/errors'
import { getSupabase } from '@/lib/supabase/client'
import { isBlank, lengthOf } from '@/lib/text'
import { useForm } from '@/lib/use-form'
import { Button } from '@/ui/button'
import { DialogActions } from '@/ui/dialog-actions'
import { ErrorNotice } from '@/ui/error-notice'
import { SegmentedControl } from '@/ui/segmented-control'
import { Select } from '@/ui/select'
import { TextArea } from '@/ui/text-area'
import { TextField } from '@/ui/text-field'
import {
  type ConnectionRole,
  type Connections,
  isDomain,
  readDomains,
  type SsoConnection,
} from './connection'
import { createConnection, updateConnection } from './mutations'
import { OurAddresses } from './our-addresses'
import type { NewConnection } from './schema'

type Props = {
  workspaceId: string
  saml: boolean
  /** Null makes a new one. */
  connection: SsoConnection | null
  /** What the other side asks for before it hands out what is entered here. */
  addresses: Connections['service_provider'] | null
  onSaved(connection: SsoConnection): void
}

const ROLES: ConnectionRole[] = ['member', 'guest', 'admin']
const NAME_MAX = 80
const isWebAddress = (text: string) => /^https?:\/\//.test(text.trim()) && URL.canParse(text.trim())

export function ConnectionForm({ workspaceId, saml, connection, addresses, onSaved }: Props) {
  const t = useTranslations('sso')
  const app = useTranslations('app')
  const problem = useTranslations('errors')
  const errorText = useErrorText()
  const [kind, setKind] = useState<'saml' | 'oidc'>(connection?.kind ?? 'oidc')
  const [source, setSource] = useState<'url' | 'xml'>('url')
  const [role, setRole] = useState<ConnectionRole>(connection?.default_role ?? 'member')
  const isNew = connection === null

  const { form, field, problems, busy } = useForm({
    initial: {
      name: connection?.name ?? '',
      domains: connection?.domains.join(', ') ?? '',
      url: '',
      xml: '',
      issuer: '',
      clientId: '',
      clientSecret: '',
    },
    check(values) {
      const long = lengthOf(values.name.trim()) > NAME_MAX
      const domains = readDomains(values.domains)
      const found: Record<string, string | undefined> = {
        name: isBlank(values.name) ? problem('name_blank') : long ? problem('name_too_long') : undefined,
        domains: domains.length > 0 && domains.every(isDomain) ? undefined : problem('domain_invalid'),
      }
      // What is there already stays unless it is entered anew.
      const entered = (text: string) => isNew || text.trim() !== ''
      if (kind === 'saml' && source === 'url' && entered(values.url) && !isWebAddress(values.url))
        found.url = t('metadataUrlInvalid')
      if (kind === 'saml' && source === 'xml' && isNew && !values.xml.trim())
        found.xml = t('metadataXmlBlank')
      if (kind === 'oidc') {
        if (entered(values.issuer) && !isWebAddress(values.issuer)) found.issuer = t('issuerInvalid')
        if (isNew && !values.clientId.trim()) found.clientId = t('clientIdBlank')
        if (isNew && !values.clientSecret.trim()) found.clientSecret = t('clientSecretBlank')
      }
      return found
    },
    async submit(values) {
      const client = await getSupabase()
      const common = {
        name: values.name.trim(),
        domains: readDomains(values.domains),
        default_role: role,
      }
      const own = {
        saml: () =>
          source === 'url' ? { metadata_url: values.url.trim() } : { metadata_xml: values.xml.trim() },
        oidc: () => ({
          issuer: values.issuer.trim(),
          client_id: values.clientId.trim(),
          client_secret: values.clientSecret.trim(),
        }),
      }[kind]()
      // An empty field of a connection that exists means: as it is.
      const given = Object.fromEntries(Object.entries(own).filter(([, value]) => value))
      onSaved(
        isNew
          ? await createConnection(client, workspaceId, { kind, ...common, ...own } as NewConnection)
          : await updateConnection(client, workspaceId, { id: connection.id, ...common, ...given }),
      )
    },
    explain(error) {
      const { code } = toAppError(error)
      // The form is right: it is the other side's document that is not there, or not one.
      if (code === 'validation_failed' || code === 'saml_metadata_fetch_failed')
        return kind === 'oidc'
          ? { issuer: t('issuerUnusable') }
          : { [source]: t(`metadataUnusable_${source}`) }
      const place = code.startsWith('domain_') ? 'domains' : code.startsWith('name_') ? 'name' : 'form'
      return { [place]: errorText(error) }
    },
  })
  const keep = isNew ? undefined : t('keepsEmpty')
  const exact = { autoComplete: 'off', autoCapitalize: 'none', spellCheck: false, dir: 'ltr' } as const
  return (
    <form {...form} className="grid gap-3">
      {isNew && (
        <>
          {saml && (
            <SegmentedControl
              label={t('kind')}
              value={kind}
              onChange={setKind}
              options={[
                { value: 'oidc', label: t('oidc') },
                { value: 'saml', label: t('saml') },
              ]}
            />
          )}
          <p className="mb-1 text-quiet text-sm">{kind === 'oidc' ? t('oidcHelp') : t('samlHelp')}</p>
          {addresses && <OurAddresses addresses={addresses} kind={kind} />}
        </>
      )}
      <TextField {...field('name')} label={t('name')} help={t('nameHelp')} autoComplete="off" dir="auto" />
      <TextField {...field('domains')} {...exact} label={t('domains')} help={t('domainsHelp')} />
      <Select
        label={t('role')}
        help={t('roleHelp')}
        value={role}
        onChange={setRole}
        options={ROLES.map((value) => ({ value, label: app(`role_${value}`) }))}
      />
      {kind === 'saml' && (
        <>
          <SegmentedControl
            label={t('metadata')}
            value={source}
            onChange={setSource}
            options={[
              { value: 'url', label: t('metadataUrl') },
              { value: 'xml', label: t('metadataXml') },
            ]}
          />
          {source === 'url' ? (
            <TextField
              {...field('url')}
              {...exact}
              label={t('metadataUrl')}
              help={keep ?? t('metadataUrlHelp')}
              inputMode="url"
            />
          ) : (
            <TextArea
              {...field('xml')}
              label={t('metadataXml')}
              help={keep ?? t('metadataXmlHelp')}
              rows={5}
              spellCheck={false}
              dir="ltr"
            />
          )}
        </>
      )}
      {kind === 'oidc' && (
        <>
          <TextField
            {...field('issuer')}
            {...exact}
            label={t('issuer')}
            help={keep ?? t('issuerHelp')}
            inputMode="url"
          />
          <TextField {...field('clientId')} {...exact} label={t('clientId')} help={keep} />
          <TextField
            {...field('clientSecret')}
            {...exact}
            type="password"
            autoComplete="new-password"
            label={t('clientSecret')}
            help={keep ?? t('clientSecretHelp')}
          />
        </>
      )}
      {problems.form && <ErrorNotice>{problems.form}</ErrorNotice>}
      <DialogActions>
        <Button type="submit" variant="primary" busy={busy}>
          {isNew ? t('addConnection') : t('save')}
        </Button>
      </DialogActions>
    </form>
  )
}
