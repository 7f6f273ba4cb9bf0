import Link from "next/link";
import { paths } from "../paths.ts";
import { EmptyNotice } from "../ui/notice.tsx";

export default function NotFound() {
  return (
    <main>
      <EmptyNotice
        whole
        title="There is no such page"
        icon="search"
        action={<Link href={paths.fleet()}>To the fleet</Link>}
      >
        The address is wrong, or what it named is gone.
      </EmptyNotice>
    </main>
  );
}
