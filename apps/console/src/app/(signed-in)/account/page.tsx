import { ApiKeys } from "../../../session/api-keys.tsx";
import { Profile } from "../../../session/profile.tsx";
import { PageHeader } from "../../../ui/page-header.tsx";
import classes from "./account.module.css";

export const metadata = { title: "Account · Muster" };

export default function Page() {
  return (
    <>
      <PageHeader title="Account" />
      <div className={classes.panels}>
        <Profile />
        <ApiKeys />
      </div>
    </>
  );
}
