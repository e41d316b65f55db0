"""Frames to rows and rows to frames: COPY one way, typed columns the other."""

import io
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Literal

import geopandas as gpd
import numpy as np
import pandas as pd
import psycopg2
import shapely
from geoalchemy2 import Geometry
from numpy.typing import NDArray
from sqlalchemy import ARRAY, Boolean, Column, ColumnElement, Connection, Double, LargeBinary, Select, Table, func, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.exc import DBAPIError

from gis_service.db.columns import STORED_SRID, Base
from gis_service.geo.crs import STORED_CRS, to_metric

Kind = Literal["text", "count", "optional_count", "measure", "truth", "texts"]
"""What a column of a frame holds; ``_SERIES`` says how pandas holds it. Text is str or None, as Python objects."""

Query = Select[*tuple[Any, ...]]
"""A SELECT of any columns."""

ROWS_AT_ONCE = 50_000
"""Rows sent in one piece of a COPY; bounds the memory, not the table."""
MISSING = r"\N"

_SERIES: dict[Kind, Callable[[list[Any]], "pd.Series[Any]"]] = {
    "text": lambda values: pd.Series(values, dtype="object"),
    "count": lambda values: pd.Series(values, dtype="int64"),
    "optional_count": lambda values: pd.Series(values, dtype="Int64"),
    "measure": lambda values: pd.Series(values, dtype="float64"),
    "truth": lambda values: pd.Series(values, dtype="bool"),
    "texts": lambda values: pd.Series([tuple(value) for value in values], dtype="object"),
}
_ESCAPES = str.maketrans({"\\": r"\\", "\t": r"\t", "\n": r"\n", "\r": r"\r"})


def table_of(model: type[Base]) -> Table:
    """Return the table of a model."""
    table = model.__table__
    if not isinstance(table, Table):
        raise TypeError(model)
    return table


def copy_rows(conn: Connection, model: type[Base], columns: Mapping[str, Iterable[Any]]) -> None:
    """Append rows to a table by COPY, in the order given.

    Parameters
    ----------
    conn
        Connection inside a transaction.
    model
        Table to write.
    columns
        Values by column name, all of the same length. None, NaN and NA become NULL; geometries are shapely's, in
        longitude and latitude; columns not named take their defaults.

    Raises
    ------
    sqlalchemy.exc.IntegrityError
        The database refuses a row.
    """
    table = table_of(model)
    encoded = [_encoded(table.c[name], list(values)) for name, values in columns.items()]
    quote = conn.dialect.identifier_preparer.quote
    statement = f"COPY {quote(table.name)} ({', '.join(map(quote, columns))}) FROM STDIN"
    cursor = conn.connection.cursor()
    try:
        cursor.copy_expert(statement, _Lines(_chunks(encoded)))
    except psycopg2.Error as fault:
        raise DBAPIError.instance(statement, None, fault, psycopg2.Error) from fault
    finally:
        cursor.close()


def next_ids(conn: Connection, model: type[Base], number: int) -> NDArray[np.int64]:
    """Return ``number`` fresh keys of a table, ascending, for rows that others of the same batch refer to."""
    query = text("SELECT nextval(pg_get_serial_sequence(:name, 'id')) FROM generate_series(1, :number)")
    keys = conn.scalars(query, {"name": table_of(model).name, "number": number})
    return np.sort(np.fromiter(keys, dtype=np.int64, count=number))


def wkb(column: Any) -> ColumnElement[bytes]:
    """Return the expression that reads a geometry column as WKB; ``fetch_geometries`` wants it called ``geometry``."""
    expression: ColumnElement[bytes] = func.ST_AsBinary(column, type_=LargeBinary).label("geometry")
    return expression


def c_order(column: Any) -> ColumnElement[str]:
    """Return a text column to order by code points, as Python sorts, whatever the database's collation."""
    expression: ColumnElement[str] = column.collate("C")
    return expression


def fetch(conn: Connection, query: Query, kinds: Mapping[str, Kind]) -> pd.DataFrame:
    """Return the rows of a query as a frame.

    Parameters
    ----------
    conn
        Connection.
    query
        Selects one column for every entry of ``kinds``, in that order.
    kinds
        Column name to what it holds.

    Returns
    -------
    pandas.DataFrame
        Default index, rows in the query's order, types of ``docs/architecture.md`` even where there is no row.
    """
    values = _transposed(conn.execute(query).all(), len(kinds))
    return pd.DataFrame(_series(kinds, values))


def fetch_geometries(conn: Connection, query: Query, kinds: Mapping[str, Kind], metric_crs: str) -> gpd.GeoDataFrame:
    """Return the rows of a query whose last column is ``wkb(…)`` as a frame in ``metric_crs``; see ``fetch``."""
    values = _transposed(conn.execute(query).all(), len(kinds) + 1)
    shapes = shapely.from_wkb(np.array(values.pop(), dtype=object))
    frame = gpd.GeoDataFrame(_series(kinds, values), geometry=gpd.GeoSeries(shapes, crs=STORED_CRS), crs=STORED_CRS)
    return to_metric(frame, metric_crs)


def _series(kinds: Mapping[str, Kind], values: list[list[Any]]) -> dict[str, "pd.Series[Any]"]:
    """Return the columns of a frame, each of its own type."""
    return {name: _SERIES[kind](column) for (name, kind), column in zip(kinds.items(), values, strict=True)}


def _transposed(rows: Sequence[Sequence[Any]], width: int) -> list[list[Any]]:
    """Return the columns of ``rows``; of no rows, ``width`` empty ones."""
    return [list(column) for column in zip(*rows, strict=True)] if rows else [[] for _ in range(width)]


def _encoded(column: Column[Any], values: list[Any]) -> list[str]:
    """Return ``values`` in the text format of COPY."""
    kind = column.type
    if isinstance(kind, Geometry):
        shapes = shapely.set_srid(np.array(values, dtype=object), STORED_SRID)
        return [MISSING if shape is None else shape for shape in shapely.to_wkb(shapes, hex=True, include_srid=True)]
    encode: Callable[[Any], str] = _escaped
    if isinstance(kind, ARRAY):
        encode = _array
    elif isinstance(kind, JSONB):
        encode = _json
    elif isinstance(kind, Boolean):
        encode = _truth
    elif isinstance(kind, Double):
        encode = _number
    missing = pd.isna(pd.Series(values, dtype="object")).to_numpy()
    return [MISSING if absent else encode(value) for value, absent in zip(values, missing, strict=True)]


def _escaped(value: Any) -> str:
    return str(value).translate(_ESCAPES)


def _array(values: Iterable[str]) -> str:
    quoted = (value.replace("\\", "\\\\").replace('"', '\\"') for value in values)
    return _escaped("{" + ",".join(f'"{value}"' for value in quoted) + "}")


def _json(value: Any) -> str:
    return _escaped(json.dumps(value, ensure_ascii=False, allow_nan=False))


def _truth(value: Any) -> str:
    return "t" if value else "f"


def _number(value: Any) -> str:
    return repr(float(value))


def _chunks(columns: Sequence[Sequence[str]]) -> Iterator[str]:
    """Yield the lines of a COPY, many at a time."""
    for begin in range(0, len(columns[0]), ROWS_AT_ONCE):
        piece = [column[begin : begin + ROWS_AT_ONCE] for column in columns]
        yield "\n".join(map("\t".join, zip(*piece, strict=True))) + "\n"


class _Lines(io.TextIOBase):
    """A readable text file over pieces that are made when they are asked for."""

    def __init__(self, pieces: Iterator[str]) -> None:
        self._pieces = pieces
        self._rest = io.StringIO()

    def read(self, size: int | None = -1) -> str:
        """Return up to ``size`` characters; nothing at the end."""
        found = self._rest.read(size)
        while not found:
            piece = next(self._pieces, None)
            if piece is None:
                break
            self._rest = io.StringIO(piece)
            found = self._rest.read(size)
        return found
