"""Words that stand where the name of a plan may stand, and names that only the desk gives."""

from gis_service.errors import InputError, Text
from gis_service.workflows.desk_plans import APPROVED, PROPOSAL

NOTHING, TODAY = "nothing", "today"
"""Start from no grid at all, or from the grids that exist today; no plan has these names."""
_DRAFT = "draft:"


def refuse_reserved(name: str) -> None:
    """Refuse names that plans of programs must not have.

    Raises
    ------
    InputError
        The name stands for something else, or the desk gives such names to plans of its own.
    """
    if name in {NOTHING, TODAY}:
        raise InputError(
            Text(
                f"“{name}”表示从哪里开始，不能用作方案名称，请换一个名称",
                f"{name!r} stands for what a plan starts from; give the plan another name",
            )
        )
    if name.startswith(_DRAFT) or PROPOSAL.fullmatch(name) or APPROVED.fullmatch(name):
        raise InputError(
            Text(
                f"“{name}”这样的名称留给工作台的草案和方案，请换一个名称",
                f"names such as {name!r} belong to drafts and plans of the desk; give the plan another name",
            )
        )
