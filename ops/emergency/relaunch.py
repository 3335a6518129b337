"""Starting everything again from within the page, which an emergency stop has spared."""

import os
import subprocess

from ops.launch import Installation, main_command


def relaunch(installation: Installation) -> "subprocess.Popen[bytes]":
    """
    Start an installation whose supervisor an emergency stop has ended; to be called by its page.

    The page is ended and started again too, by a process of its own, so that it is supervised;
    browsers reconnect by themselves. Call `ops.emergency.release.release` before.

    Returns:
        The process that does so; it ends ours.

    Raises:
        OSError: If no process can be started.
    """
    home = installation.home
    # `demo` looks for its home below the one it is given.
    root = home.root.parent.parent if installation.demo else home.root
    with (home.logs / "console.log").open("ab") as output:
        return subprocess.Popen(  # noqa: S603 - our own interpreter and entry point
            main_command("demo" if installation.demo else "start"),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
            env={**_without_simulator(installation), "TRADING_HOME": str(root)},
        )


def _without_simulator(installation: Installation) -> dict[str, str]:
    """Return our environment; of a demo without the addresses of its old exchange."""
    kept = os.environ.items()
    return {k: v for k, v in kept if not (installation.demo and k.startswith("BINANCE_"))}
