import { AuthCard } from "../../session/auth-card.tsx";
import { SetupForm } from "../../session/setup-form.tsx";

export const metadata = { title: "Set up · Muster" };

export default function Page() {
  return (
    <AuthCard title="Make the first administrator" intro="This page works once, with the token that the start printed.">
      <SetupForm />
    </AuthCard>
  );
}
