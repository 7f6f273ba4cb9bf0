"use client";
import dynamic from "next/dynamic";
import Link from "next/link";
import { usePathname } from "next/navigation";
import { paths } from "../paths.ts";
import { Icon } from "../ui/icon.tsx";
import { Logo } from "../ui/logo.tsx";
import classes from "./header.module.css";
import { usePalette } from "./palette-switch.ts";
import { SchemeSwitch } from "./scheme-switch.tsx";
import { UserMenu } from "./user-menu.tsx";

const Palette = dynamic(() => import("./palette.tsx").then((file) => file.Palette), { ssr: false });

export function Header({ userName }: { userName: string }) {
  const palette = usePalette();
  const pathname = usePathname();
  return (
    <header className={classes.header}>
      <Link prefetch={false} className={classes.brand} href={paths.fleet()}>
        <Logo />
        Muster
      </Link>
      <button type="button" className={classes.search} onClick={palette.open}>
        <Icon name="search" size={14} />
        <span>Search or run a command</span>
        <kbd className={classes.key}>Ctrl K</kbd>
      </button>
      <div className={classes.end}>
        <Link
          prefetch={false}
          className={classes.link}
          href={paths.jobs()}
          aria-current={pathname === paths.jobs() ? "page" : undefined}
        >
          History
        </Link>
        <SchemeSwitch />
        <UserMenu name={userName} />
      </div>
      {palette.wanted && <Palette opened={palette.opened} onClose={palette.close} />}
    </header>
  );
}
