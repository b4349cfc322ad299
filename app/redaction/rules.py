"""What is kept of an event whose content was deleted: pure decisions."""

from __future__ import annotations

from app.capture.rules import ENDING_DISPOSITIONS, ENDING_STEPS, MAKING_STEPS


def kept_step(step: str | None) -> str | None:
    """Give the step only if by it a thing began or ended.

    Otherwise a destroyed unit would come to life again once its destruction is deleted.
    """
    return step if step in MAKING_STEPS | ENDING_STEPS | LASTING_ENDS else None


def kept_disposition(disposition: str | None) -> str | None:
    """Give the disposition only if by it a thing ended or is not to be met on the market."""
    return disposition if disposition in ENDING_DISPOSITIONS | LASTING_ENDS else None


def turns_life(type_: str, step: str | None, disposition: str | None) -> bool:
    """Tell whether by this event a thing began or ended: then its time is kept for the order."""
    made = type_ == "TransformationEvent"
    return made or bool(kept_step(step)) or bool(kept_disposition(disposition))


# CBV 2.0 dispositions and steps after which a unit should not be met on the market.
LASTING_ENDS = frozenset({"stolen", "retail_sold", "inactive", "revoked"})
