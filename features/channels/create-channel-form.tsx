'use client'

import { Hash, Lock } from 'lucide-react'
import { useState } from 'react'
import { useTranslations } from 'use-intl'
import { useErrorText } from '@/lib/error-text'
import { toAppError } from '@/lib/errors'
import { getSupabase } from '@/lib/supabase/client'
import { useForm } from '@/lib/use-form'
import { Button } from '@/ui/button'
import { DialogActions } from '@/ui/dialog-actions'
import { ErrorNotice } from '@/ui/error-notice'
import { SegmentedControl } from '@/ui/segmented-control'
import { TextField } from '@/ui/text-field'
import { createChannel } from './mutations'
import { checkChannelName, normalizeChannelName } from './name'
import type { Channel } from './schema'

type Props = { workspaceId: string; name?: string; onCreated(channel: Channel): void; onCancel(): void }

export function CreateChannelForm({ workspaceId, name = '', onCreated, onCancel }: Props) {
  const t = useTranslations('channels')
  const ui = useTranslations('ui')
  const problem = useTranslations('errors')
  const errorText = useErrorText()
  const [kind, setKind] = useState<'public' | 'private'>('public')
  const { form, field, problems, busy } = useForm({
    initial: { name: normalizeChannelName(name), purpose: '' },
    check(values) {
      const wrong = checkChannelName(values.name.replace(/-+$/, ''))
      return { name: wrong && problem(wrong) }
    },
    async submit(values) {
      const clean = { ...values, name: values.name.replace(/-+$/, '') }
      onCreated(await createChannel(await getSupabase(), { workspaceId, kind, ...clean }))
    },
    explain(error) {
      const { code } = toAppError(error)
      const place = /^(channel_name|name)_/.test(code)
        ? 'name'
        : code === 'text_too_long'
          ? 'purpose'
          : 'form'
      return { [place]: errorText(error) }
    },
  })
  const nameField = field('name')
  const Icon = kind === 'public' ? Hash : Lock
  return (
    <form {...form} className="grid gap-3">
      <TextField
        {...nameField}
        label={t('name')}
        help={t('nameHelp')}
        prefix={<Icon size={16} />}
        autoComplete="off"
        autoCapitalize="none"
        spellCheck={false}
        autoFocus
        dir="auto"
        onChange={(value) => nameField.onChange(normalizeChannelName(value))}
      />
      <TextField
        {...field('purpose')}
        label={t('purpose')}
        optional={ui('optional')}
        help={t('purposeHelp')}
        maxLength={250}
        dir="auto"
      />
      <div className="grid gap-1.5">
        <SegmentedControl
          label={t('kind')}
          value={kind}
          onChange={setKind}
          options={[
            { value: 'public', label: t('public'), icon: <Hash size={14} aria-hidden /> },
            { value: 'private', label: t('private'), icon: <Lock size={14} aria-hidden /> },
          ]}
        />
        <p className="text-quiet text-sm">{kind === 'public' ? t('publicHelp') : t('privateHelp')}</p>
      </div>
      {problems.form && <ErrorNotice>{problems.form}</ErrorNotice>}
      <DialogActions>
        <Button onClick={onCancel}>{ui('cancel')}</Button>
        <Button type="submit" variant="primary" busy={busy}>
          {t('create')}
        </Button>
      </DialogActions>
    </form>
  )
}
