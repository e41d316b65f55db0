"""Independent checks of a plan: tiling, pieces, buildings, sums, sizes and codes, from the geometry up."""

from typing import Literal

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from gis_service.audit.plan_buildings import (
    check_assignment,
    check_buildings,
    check_sums,
    locate_buildings,
)
from gis_service.audit.plan_sizes import check_sizes
from gis_service.audit.special_pieces import check_special_pieces
from gis_service.audit.tiling import (
    components_of,
    land_components,
    measure_tiling,
    polygon_parts,
    sound,
    tolerance_m2,
)
from gis_service.plan.codes import codes_of
from gis_service.plan.findings import Finding
from gis_service.plan.rules import Rules

SEVERITIES = ("fault", "warning", "note")
_LAYERS = {"unit": "单元", "grid": "网格"}


def audit_plan(
    community_geometry: shapely.Geometry,
    buildings: gpd.GeoDataFrame,
    units: gpd.GeoDataFrame,
    grids: gpd.GeoDataFrame,
    assignment: pd.DataFrame,
    rules: Rules,
    *,
    community_code: str,
    special: gpd.GeoDataFrame | None = None,
) -> list[Finding]:
    """Return everything that is wrong with the plan of one community.

    Parameters
    ----------
    community_geometry
        Polygon of the community in the city's metric CRS [m].
    buildings
        Buildings of the community (``id``, ``households``, ``residents``, ``geometry``), same CRS.
    units
        Units of the plan (``code``, ``grid_code`` or None where not assigned, ``geometry``), same CRS.
    grids
        Grids of the plan (``code``, ``kind``, ``status``, ``households``, ``residents``, ``geometry``), same CRS;
        with ``community_code`` where the frame spans communities.
    assignment
        The grid each building was given (``building_id``, ``grid_code``).
    rules
        Rules in force when the plan was made.
    community_code
        Code of the community.
    special
        Special grids as they were given (``geometry``), same CRS; rows elsewhere are ignored. None: not known, then
        special grids in pieces are noted and not judged.

    Returns
    -------
    list of Finding
        Faults first, then warnings (sizes outside the rules) and notes; no fault means the plan is sound. Areas up to
        0.01 m² + 1e-9 of the area looked at count as rounding.

    Notes
    -----
    Tiling is measured by overlays, buildings are found by point in polygon, and sums are taken over the buildings
    found, so nothing computed by the partition is believed. A base grid must be one piece in each connected part of
    the community outside special grids, a special grid lies in one given grid, in as many pieces as that has.
    """
    extent = sound(np.array([community_geometry], dtype=object))[0]
    unit_shapes = sound(units.geometry.to_numpy())
    grid_shapes = sound(grids.geometry.to_numpy())
    grid_codes = grids["code"].to_numpy(dtype=object)
    homes = locate_buildings(extent, buildings, grid_shapes, grid_codes, assignment)
    findings = [
        *_check_geometries("unit", units),
        *_check_geometries("grid", grids),
        *_check_tiling("unit", units["code"].to_list(), unit_shapes, extent, community_code),
        *_check_tiling("grid", grids["code"].to_list(), grid_shapes, extent, community_code),
        *_check_units(units, set(grid_codes)),
        *_check_unions(units, unit_shapes, grids, grid_shapes),
        *_check_pieces(extent, grids, grid_shapes),
        *check_special_pieces(grids, grid_shapes, extent, None if special is None else special.geometry.to_numpy()),
        *_check_codes(grids, community_code, rules),
        *check_assignment(buildings, assignment),
        *check_buildings(homes, buildings, grid_shapes, grid_codes),
        *check_sums(homes, buildings, grids),
        *check_sizes(grids, rules, community_code),
    ]
    return sorted(findings, key=lambda finding: (SEVERITIES.index(finding.severity), finding))


def _check_geometries(layer: Literal["unit", "grid"], frame: gpd.GeoDataFrame) -> list[Finding]:
    shapes = frame.geometry.to_numpy()
    broken = shapely.is_missing(shapes) | shapely.is_empty(shapes) | ~shapely.is_valid(shapes)
    return [
        Finding(
            f"{layer}_geometry_invalid",
            "fault",
            str(code),
            f"{_LAYERS[layer]} {code} 的图形为空或无效：{shapely.is_valid_reason(shape) or '没有图形'}",
            f"the geometry of {layer} {code} is empty or invalid: {shapely.is_valid_reason(shape) or 'missing'}",
        )
        for code, shape in zip(frame["code"].to_numpy()[broken], shapes[broken], strict=True)
    ]


def _check_tiling(
    layer: Literal["unit", "grid"],
    codes: list[str],
    shapes: NDArray[np.object_],
    extent: shapely.Geometry,
    community_code: str,
) -> list[Finding]:
    """Return gaps, overlaps, land outside the community and edges that neighbours do not share."""
    tiling = measure_tiling(shapes, extent)
    tolerance = tolerance_m2(float(shapely.area(extent)))
    zh = _LAYERS[layer]
    findings = []
    if tiling.gap_m2 > tolerance:
        x, y = tiling.gap_at
        findings.append(
            Finding(
                f"{layer}_gap",
                "fault",
                community_code,
                f"社区 {community_code} 有 {tiling.gap_m2:.3f} m² 不属于任何{zh}，最大一处在 ({x:.1f}, {y:.1f})",
                f"{tiling.gap_m2:.3f} m² of community {community_code} lie in no {layer}, "
                f"the largest piece at ({x:.1f}, {y:.1f})",
            )
        )
    large = [pair for pair in tiling.overlaps if pair[2] > tolerance]
    findings += [
        Finding(
            f"{layer}_overlap",
            "fault",
            str(codes[first]),
            f"{zh} {codes[first]} 与 {codes[second]} 重叠 {area:.3f} m²",
            f"{layer}s {codes[first]} and {codes[second]} overlap by {area:.3f} m²",
        )
        for first, second, area in large
    ]
    total = sum(area for _, _, area in tiling.overlaps)
    if not large and total > tolerance:
        findings.append(
            Finding(
                f"{layer}_overlap",
                "fault",
                community_code,
                f"社区 {community_code} 的{zh}共有 {len(tiling.overlaps)} 处微小重叠，合计 {total:.3f} m²",
                f"the {layer}s of community {community_code} overlap in {len(tiling.overlaps)} places "
                f"by {total:.3f} m² altogether",
            )
        )
    findings += [
        Finding(
            f"{layer}_outside",
            "fault",
            str(codes[position]),
            f"{zh} {codes[position]} 有 {tiling.outside_m2[position]:.3f} m² 在社区 {community_code} 之外",
            f"{tiling.outside_m2[position]:.3f} m² of {layer} {codes[position]} lie outside community {community_code}",
        )
        for position in np.flatnonzero(tiling.outside_m2 > tolerance)
    ]
    findings += [
        Finding(
            f"{layer}_edge_unmatched",
            "fault",
            str(codes[position]),
            f"{zh} {codes[position]} 的边界与相邻{zh}的顶点不一致",
            f"a border of {layer} {codes[position]} does not share every vertex with its neighbour",
        )
        for position in tiling.unmatched
    ]
    return findings


def _check_units(units: gpd.GeoDataFrame, grid_codes: set[str]) -> list[Finding]:
    """Return units without a grid, in an unknown grid, or named twice."""
    findings = []
    for code, grid_code in zip(units["code"], units["grid_code"], strict=True):
        if pd.isna(grid_code):
            findings.append(
                Finding("unit_unassigned", "fault", code, f"单元 {code} 没有划入任何网格", f"unit {code} is in no grid")
            )
        elif grid_code not in grid_codes:
            findings.append(
                Finding(
                    "unit_in_unknown_grid",
                    "fault",
                    code,
                    f"单元 {code} 划入了不存在的网格 {grid_code}",
                    f"unit {code} is assigned to grid {grid_code}, which does not exist",
                )
            )
    findings += [
        Finding("unit_code_repeated", "fault", code, f"单元编号 {code} 重复", f"unit code {code} is used twice")
        for code in _repeated(units["code"])
    ]
    return findings


def _check_unions(
    units: gpd.GeoDataFrame,
    unit_shapes: NDArray[np.object_],
    grids: gpd.GeoDataFrame,
    grid_shapes: NDArray[np.object_],
) -> list[Finding]:
    """Return grids whose polygon is not the union of their units."""
    labels = units["grid_code"].to_numpy(dtype=object)
    findings = []
    for code, shape in zip(grids["code"], grid_shapes, strict=True):
        union = shapely.union_all(unit_shapes[labels == code])
        difference_m2 = shapely.symmetric_difference(shape, union).area
        if difference_m2 > tolerance_m2(shape.area):
            findings.append(
                Finding(
                    "grid_not_its_units",
                    "fault",
                    code,
                    f"网格 {code} 的图形与其单元的并集相差 {difference_m2:.3f} m²",
                    f"grid {code} differs from the union of its units by {difference_m2:.3f} m²",
                )
            )
    return findings


def _check_pieces(extent: shapely.Geometry, grids: gpd.GeoDataFrame, grid_shapes: NDArray[np.object_]) -> list[Finding]:
    """Return base grids in pieces: a fault, or a note where the land itself is in parts."""
    special = grids["kind"].to_numpy() == "special"
    land = land_components(extent, grid_shapes[special])
    findings = []
    for code, shape in zip(grids["code"].to_numpy()[~special], grid_shapes[~special], strict=True):
        parts = polygon_parts(shape)
        if len(parts) <= 1:
            continue
        needed = len(np.unique(components_of(parts, land))) if len(land) else len(parts)
        if len(parts) > needed:
            findings.append(
                Finding(
                    "grid_in_pieces",
                    "fault",
                    code,
                    f"网格 {code} 分成 {len(parts)} 块，所在土地只需 {needed} 块",
                    f"grid {code} is in {len(parts)} pieces where the land needs only {needed}",
                )
            )
        else:
            findings.append(
                Finding(
                    "grid_parts_forced",
                    "note",
                    code,
                    f"网格 {code} 有 {len(parts)} 块，因土地本身不相连",
                    f"grid {code} has {len(parts)} parts because the land itself is not connected",
                )
            )
    return findings


def _check_codes(grids: gpd.GeoDataFrame, community_code: str, rules: Rules) -> list[Finding]:
    """Return codes that are repeated or not of this community's pattern, and grids of other communities."""
    formed = codes_of(community_code, rules)
    findings = [
        Finding("grid_code_repeated", "fault", code, f"网格编码 {code} 重复", f"grid code {code} is used twice")
        for code in _repeated(grids["code"])
    ]
    findings += [
        Finding(
            "grid_code_malformed",
            "fault",
            str(code),
            f"网格编码 {code} 不符合规则 {rules.code_pattern} 或不属于社区 {community_code}",
            f"grid code {code} does not follow {rules.code_pattern} for community {community_code}",
        )
        for code in grids["code"]
        if code not in formed
    ]
    if "community_code" in grids.columns:
        foreign = grids[grids["community_code"] != community_code]
        findings += [
            Finding(
                "grid_of_other_community",
                "fault",
                code,
                f"网格 {code} 登记在社区 {other}，而不是 {community_code}",
                f"grid {code} is registered in community {other}, not in {community_code}",
            )
            for code, other in zip(foreign["code"], foreign["community_code"], strict=True)
        ]
    return findings


def _repeated(codes: "pd.Series[str]") -> list[str]:
    counts = codes.value_counts()
    return sorted(str(code) for code in counts[counts > 1].index)
