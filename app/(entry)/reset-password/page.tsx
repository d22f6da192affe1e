import { ResetPasswordScreen } from './_screen/reset-password-screen'

export default function ResetPasswordPage() {
  return <ResetPasswordScreen />
}
