"""Invented names; none of them is the name of a place in the region the town is laid into."""

from collections.abc import Iterator

import numpy as np

CITY = ("999900000000", "澄汐市（合成）")
COUNTY = ("999901000000", "汀澜区（合成）")
STREETS = ("汐桥街道", "汀南街道", "澜东街道")
"""The streets (街道): north and south of the west bank, and the east bank."""

COMMUNITIES = {
    "汐桥街道": ("望澜社区", "汐桥社区", "鹭汀社区", "砚汐社区"),
    "汀南街道": ("榕汀社区", "澜安社区", "桂汐社区", "槐汀社区"),
    "澜东街道": ("澜东社区", "星汐社区", "听澜社区", "荷汀社区", "锦汐社区", "芦汐社区"),
}

_FIRST = "澄汐澜汀鹭榕桂槐竹荷星月云霞锦瑞安和康宁景春秋晴雅嘉怡颐"
_SECOND = "汐澜汀鹭榕桂和安宁泰景晖悦庭园泽润瑞祥锦"
_ESTATE_OLD = ("新村", "小区", "花园", "公寓", "宿舍", "苑")
_ESTATE_NEW = ("华庭", "名邸", "雅苑", "国际", "御景", "公馆", "花园", "首府")


def street_names(rng: np.random.Generator) -> Iterator[str]:
    """Yield names of streets without end, each once."""
    return _unique(rng, ("路", "路", "街", "巷"))


def estate_names(rng: np.random.Generator, *, new: bool) -> Iterator[str]:
    """Yield names of estates without end, each once."""
    return _unique(rng, _ESTATE_NEW if new else _ESTATE_OLD)


def _unique(rng: np.random.Generator, endings: tuple[str, ...]) -> Iterator[str]:
    used: set[str] = set()
    while True:
        first, second = str(rng.choice(list(_FIRST))), str(rng.choice(list(_SECOND)))
        stem = first + second
        if first != second and stem not in used:
            used.add(stem)
            yield stem + str(rng.choice(endings))
