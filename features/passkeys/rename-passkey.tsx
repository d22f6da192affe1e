'use client'

import { useTranslations } from 'use-intl'
import { useErrorText } from '@/lib/error-text'
import { getSupabase } from '@/lib/supabase/client'
import { isBlank, lengthOf } from '@/lib/text'
import { useForm } from '@/lib/use-form'
import { Button } from '@/ui/button'
import { Dialog } from '@/ui/dialog'
import { DialogActions } from '@/ui/dialog-actions'
import { ErrorNotice } from '@/ui/error-notice'
import { TextField } from '@/ui/text-field'
import { type Passkey, renamePasskey } from './mutations'

type Props = { passkey: Passkey; onRenamed(name: string): void; onClose(): void }

const NAME_MAX = 80

export function RenamePasskey({ passkey, onRenamed, onClose }: Props) {
  const t = useTranslations('passkeys')
  const problem = useTranslations('errors')
  const errorText = useErrorText()
  const { form, field, problems, busy } = useForm({
    initial: { name: passkey.name ?? '' },
    check({ name }) {
      if (isBlank(name)) return { name: problem('name_blank') }
      return { name: lengthOf(name.trim()) > NAME_MAX ? problem('name_too_long') : undefined }
    },
    async submit({ name }) {
      await renamePasskey(await getSupabase(), passkey.id, name.trim())
      onRenamed(name.trim())
      onClose()
    },
    explain: (error) => ({ form: errorText(error) }),
  })
  return (
    <Dialog size="sm" title={t('renameTitle')} onClose={onClose}>
      <form {...form} className="grid gap-3">
        <TextField {...field('name')} label={t('name')} help={t('nameHelp')} autoComplete="off" dir="auto" />
        {problems.form && <ErrorNotice>{problems.form}</ErrorNotice>}
        <DialogActions>
          <Button type="submit" variant="primary" busy={busy}>
            {t('saveName')}
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  )
}
