"""What the page System may ask for: a backup."""

from fastapi import APIRouter, Depends
from fastapi.responses import JSONResponse

from ui.access.action_token import ActionToken
from ui.system.backing_up import BackupDesk


def system_router(desk: BackupDesk, actions: ActionToken) -> APIRouter:
    """
    Return ``POST /system/backup``: it begins one, and the list tells what came of it.

    Args:
        desk: Makes it.
        actions: Guards the route.
    """
    router = APIRouter(prefix="/system", dependencies=[Depends(actions.required)])

    @router.post("/backup")
    async def backup() -> JSONResponse:
        if not desk.begin():
            return JSONResponse({"detail": "A backup is being made already."}, 409)
        return JSONResponse({"said": "A backup is being made."}, 202)

    return router
