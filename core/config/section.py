"""What every section of the configuration is: frozen, complete, without unknown keys."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from core.model.intervals import Interval

AnyInterval = Annotated[Interval, Field(strict=False)]


class Section(BaseModel):
    """Strict: a number is a number, and what is not known is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)
