"""Targets as Apprise knows them: mail, Telegram, Slack, webhooks and a hundred more."""

from typing import TYPE_CHECKING, Final

from ops.alarms.message import Message, Tone

if TYPE_CHECKING:
    from apprise import Apprise

_APP: Final = "DeepSeek Trading Dashboard"
_MOST_TARGETS: Final = 20


class AppriseTarget:
    """
    One address of ``ALARM_URLS``.

    Args:
        name: Which one it is, without its address.
        service: Of this address alone; None where Apprise does not understand it.
    """

    def __init__(self, name: str, service: "Apprise | None") -> None:
        self._name = name
        self._service = service

    @property
    def name(self) -> str:
        """Its place among the addresses, and the kind of service."""
        return self._name

    @property
    def is_understood(self) -> bool:
        """Whether anything can be sent."""
        return self._service is not None

    def send(self, message: Message) -> bool:
        """Send one now and tell whether it went; blocks for some seconds, and raises nothing."""
        if self._service is None:
            return False
        from apprise import NotifyType  # noqa: PLC0415 - only where there is a target

        kinds = {
            Tone.GOOD: NotifyType.SUCCESS,
            Tone.INFO: NotifyType.INFO,
            Tone.WARNING: NotifyType.WARNING,
            Tone.CRITICAL: NotifyType.FAILURE,
        }
        return bool(
            self._service.notify(
                title=message.title, body=message.body, notify_type=kinds[message.tone]
            )
        )


def apprise_targets(urls: str) -> tuple[AppriseTarget, ...]:
    """
    Return a target for each of the addresses, separated by white space; the first twenty.

    Names hold the place in the list and the kind of service, never more.
    """
    words = urls.split()[:_MOST_TARGETS]
    if not words:
        return ()
    from apprise import Apprise, AppriseAsset  # noqa: PLC0415 - only where there is a target

    # Without a time limit of its own it sends in our thread, a daemon; those of the pool that it
    # sends in otherwise keep a process from ending for as long as a target hangs.
    asset = AppriseAsset(app_id=_APP, app_desc=_APP, async_mode=False, service_timeout=0)
    found = []
    for place, url in enumerate(words, 1):
        service = Apprise(asset=asset)
        if service.add(url) and len(service):
            found.append(AppriseTarget(f"{place}: {service[0].service_name!s}", service))
        else:
            found.append(AppriseTarget(f"{place}: not understood by Apprise", None))
    return tuple(found)
