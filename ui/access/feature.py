"""Logging out, as a feature of the page."""

from typing import Any

from dash import html
from fastapi import APIRouter, Depends
from fastapi.responses import JSONResponse

from ui.access.access import Access
from ui.access.action_token import ActionToken
from ui.feature import Feature, Part, Place
from ui.panels.card import attribute


def access_feature(access: Access, actions: ActionToken) -> Feature:
    """
    Return the button that logs out, where there is a login.

    Args:
        access: Holds the sessions.
        actions: Guards the route.
    """
    if not access.has_password:
        return Feature()
    router = APIRouter(prefix="/access", dependencies=[Depends(actions.required)])

    @router.post("/logout")
    async def logout() -> JSONResponse:
        access.end_all()
        return JSONResponse({"said": "Every session of this installation has ended."})

    return Feature(parts=(Part(Place.HEADER, "access", _button, order=5),), router=router)


def _button() -> Any:
    return html.Button(
        "Log out",
        id="access-logout",
        className="icon",
        type="button",
        title="End every session of this installation, in all browsers",
        **attribute("aria-label", "Log out everywhere"),
    )
