"""Hashes over everything that decides a result, and over results, so that equal questions are answered once."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from typing import Any

import geopandas as gpd
import pandas as pd
import shapely


def walking_hash(
    rules: Mapping[str, Any],
    nodes: gpd.GeoDataFrame,
    edges: gpd.GeoDataFrame,
    of_city: gpd.GeoDataFrame,
    counted: gpd.GeoDataFrame,
    more: Iterable[tuple[pd.DataFrame, list[str]]] = (),
) -> str:
    """Return the SHA-256 [hex] over everything that decides who walks where.

    Parameters
    ----------
    rules
        As plain values.
    nodes, edges, of_city, counted
        Network, buildings and the facilities that count. Of edges every column counts: kinds, crossings, signals and
        slopes may all decide a walk.
    more
        What else decides, as for `frames_hash`.
    """
    frames = (
        (nodes, ["node"]),
        (edges, sorted(name for name in edges.columns if name != edges.geometry.name)),
        (of_city, ["id", "households", "residents", "community_code"]),
        (counted, ["id", "kind"]),
    )
    return frames_hash(rules, (*frames, *more))


def frames_hash(plain: Mapping[str, Any], frames: Iterable[tuple[pd.DataFrame, list[str]]]) -> str:
    """Return the SHA-256 [hex] over plain values and columns of frames.

    Parameters
    ----------
    plain
        Values for JSON, such as rules; their order does not matter.
    frames
        Frames, each with the columns that count; a geometry always does, by its exact coordinates. The order of rows
        does not matter; what the columns are called does, and which frame a row is in.
    """
    digest = hashlib.sha256(_framed(json.dumps(plain, sort_keys=True)).encode())
    for frame, names in frames:
        columns = [frame[name].astype("string").astype(object).tolist() for name in names]
        if isinstance(frame, gpd.GeoDataFrame):
            columns.append(shapely.to_wkb(frame.geometry.to_numpy(), hex=True).tolist())
        rows = sorted("".join(map(_framed, row)) for row in zip(*columns, strict=True))
        digest.update(_framed(json.dumps([names, len(columns), len(frame)])).encode())
        digest.update("".join(rows).encode())
    return digest.hexdigest()


def _framed(value: object) -> str:
    """Return a text after its length, so that its end cannot be mistaken, and what is missing as no text can be."""
    return f"{len(value)}:{value}" if isinstance(value, str) else "-"
