"""What a person reads of a component tree."""

from typing import Any


def texts(component: Any) -> list[str]:
    """All text of a component tree, in order."""
    if isinstance(component, str):
        return [component]
    if isinstance(component, (list, tuple)):
        return [text for part in component for text in texts(part)]
    own = [getattr(component, name, None) for name in ("label", "children")]
    return [text for part in own for text in texts(part)] if component is not None else []


def found(component: Any, kind: str) -> list[Any]:
    """All components of a kind, such as ``Checkbox``, in order."""
    if isinstance(component, (list, tuple)):
        return [one for part in component for one in found(part, kind)]
    if component is None:
        return []
    inside = found(getattr(component, "children", None), kind)
    return [component, *inside] if type(component).__name__ == kind else inside
