"""Reader of the office telephones of grid workers, which a city may publish."""

import csv
import io
import re
from pathlib import Path

from gis_service.ingest.cells import cell_text
from gis_service.ingest.encoding import decode
from gis_service.ingest.fields import normalised
from gis_service.ingest.notes import refusal

_CODE = ("网格编码", "网格代码", "编码", "code", "gridcode")
_PHONE = ("办公电话", "值班电话", "联系电话", "电话", "phone")
_NUMBER = re.compile(r"\+?\d[\d\s()（）转-]{1,28}\d")


def read_grid_phones(path: Path) -> dict[str, str]:
    """Return the telephone of every grid of a file.

    Parameters
    ----------
    path
        A CSV file, UTF-8 or GB18030, whose first row names a column 网格编码 (``code``) and a column 电话 (``phone``);
        further columns are not looked at, rows without a telephone are left out.

    Returns
    -------
    dict
        Telephone by code of grid.

    Raises
    ------
    InputError
        The file cannot be read, a column is missing, a code is missing or there twice, or what stands for a telephone
        is none; the text names file, row, column and cure.
    """
    try:
        text = decode(path.read_bytes(), None, path.name)
    except OSError as error:
        raise refusal(
            str(path), "打不开，请检查路径和权限", f"cannot be read ({error.strerror}); check the path"
        ) from error
    rows = list(csv.reader(io.StringIO(text, newline="")))
    headers = [normalised(header) for header in rows[0]] if rows else []
    code_at, phone_at = _column(headers, _CODE, path), _column(headers, _PHONE, path)
    phones: dict[str, str] = {}
    seen: set[str] = set()
    for number, row in enumerate(rows[1:], start=2):
        cells = [cell_text(cell) for cell in row] + [None] * len(headers)
        code, phone = cells[code_at], cells[phone_at]
        if code is None and phone is None:
            continue
        if code is None or code in seen:
            raise refusal(
                path.name,
                f"第 {number} 行的网格编码{'是空的' if code is None else f'“{code}”重复'}，请更正",
                f"row {number}: the code of the grid {'is missing' if code is None else f'{code!r} is there twice'}",
            )
        seen.add(code)
        if phone is None:
            continue
        if not _NUMBER.fullmatch(phone):
            raise refusal(
                path.name,
                f"第 {number} 行的“{phone}”不是电话号码，请更正或留空",
                f"row {number}: {phone!r} is no telephone number; correct it or leave it empty",
            )
        phones[code] = phone
    return phones


def _column(headers: list[str], names: tuple[str, ...], path: Path) -> int:
    found = next((headers.index(name) for name in names if name in headers), None)
    if found is None:
        raise refusal(
            path.name,
            f"第 1 行没有“{names[0]}”列，请写上列名",
            f"row 1 has no column {names[-1]}; give the columns their names",
        )
    return found
